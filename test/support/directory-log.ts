import type { DirectoryChanges, DirectoryImage } from '../../src/contract/store.ts'

/** The smallest directory: plans by tenant and settings by tenant, filled by an image and kept by changes. */
export function createDirectoryLog(image: DirectoryImage) {
  const tenants = new Map<string, string>(image.tenants.map(({ id, plan }) => [id, plan]))
  const settings = new Map<string, Record<string, string>>()
  for (const { tenant, key, value } of image.settings) settings.set(tenant, { ...settings.get(tenant), [key]: value })
  return {
    apply(changes: DirectoryChanges): void {
      for (const { id, tenant, settings: rows } of changes.tenants) {
        if (tenant) tenants.set(id, tenant.plan)
        else tenants.delete(id)
        if (rows.length > 0) settings.set(id, Object.fromEntries(rows.map(({ key, value }) => [key, value])))
        else settings.delete(id)
      }
    },
    directory: () => ({ tenants: Object.fromEntries(tenants), settings: Object.fromEntries(settings) }),
  }
}
