import type { GatewayKey, Tenant } from '../contract/caller.ts'
import type { KeyId, TenantId } from '../contract/ids.ts'
import type { DirectoryChanges, DirectoryImage, SettingRow } from '../contract/store.ts'

/** All tenants, their rows and all gateway keys, in memory: what a request reads in place of the database. */
export interface Directory {
  /** Forgets everything and holds the image instead. */
  load(image: DirectoryImage): void
  apply(changes: DirectoryChanges): void
  tenant(slugOrId: string): Tenant | undefined
  tenantById(id: TenantId): Tenant | undefined
  tenants(): readonly Tenant[]
  key(id: KeyId): GatewayKey | undefined
  /** By the SHA-256 of an imported key, in hex. */
  imported(digest: string): GatewayKey | undefined
  keys(): readonly GatewayKey[]
  /** Looks through all keys: for an operator's listing, not for a request. */
  keysOf(tenant: TenantId): readonly GatewayKey[]
  rowsOf(tenant: TenantId): readonly SettingRow[]
  /** A number that this tenant had never before, whenever its row or settings changed; 0 where there is no such tenant. */
  versionOf(tenant: TenantId): number
  /** How many tenants there are. */
  readonly size: number
}

/** Only `active` serves, and the empty status that a row written by hand may have: a word nobody knows must not open the door. */
export const isActive = (tenant: Tenant): boolean => tenant.status === 'active' || tenant.status === ''

export function createDirectory(): Directory {
  const tenants = createTenants()
  const keys = createKeys()
  const load = (image: DirectoryImage): void => {
    tenants.clear()
    keys.clear()
    const rows = rowsByTenant(image.settings)
    for (const tenant of image.tenants) tenants.set(tenant.id, tenant, rows.get(tenant.id) ?? NO_ROWS)
    for (const key of image.keys) keys.set(key.id, key)
  }
  return {
    load,
    apply: (changes) => {
      if (changes.everything) load(changes.everything)
      for (const { id, tenant, settings } of changes.tenants) tenants.set(id, tenant, settings)
      for (const { id, key } of changes.keys) keys.set(id, key)
    },
    tenant: (slugOrId) => tenants.named(slugOrId)?.tenant,
    tenantById: (id) => tenants.byId.get(id)?.tenant,
    tenants: () => Array.from(tenants.byId.values(), (entry) => entry.tenant),
    key: (id) => keys.byId.get(id),
    imported: (digest) => keys.imported.get(digest),
    keys: () => [...keys.byId.values()],
    keysOf: (tenant) => [...keys.byId.values()].filter((key) => key.tenant === tenant),
    rowsOf: (tenant) => tenants.byId.get(tenant)?.rows ?? NO_ROWS,
    versionOf: (tenant) => tenants.byId.get(tenant)?.version ?? 0,
    get size() {
      return tenants.byId.size
    },
  }
}

interface Entry {
  readonly tenant: Tenant
  readonly rows: readonly SettingRow[]
  readonly version: number
}

const NO_ROWS: readonly SettingRow[] = []

function createTenants() {
  const byId = new Map<string, Entry>()
  const bySlug = new Map<string, Entry>()
  let clock = 0
  return {
    byId,
    // An id comes first: grants hold ids, and a slug written by hand must not capture another tenant's.
    named: (slugOrId: string) => byId.get(slugOrId) ?? bySlug.get(slugOrId),
    set(id: TenantId, tenant: Tenant | undefined, rows: readonly SettingRow[]): void {
      const before = byId.get(id)
      if (before && bySlug.get(before.tenant.slug) === before) bySlug.delete(before.tenant.slug)
      if (tenant === undefined) return void byId.delete(id)
      const entry = { tenant, rows, version: ++clock }
      byId.set(id, entry)
      bySlug.set(tenant.slug, entry)
    },
    clear(): void {
      byId.clear()
      bySlug.clear()
    },
  }
}

function createKeys() {
  const byId = new Map<KeyId, GatewayKey>()
  const imported = new Map<string, GatewayKey>()
  return {
    byId,
    imported,
    set(id: KeyId, key: GatewayKey | undefined): void {
      const before = byId.get(id)
      if (before?.kind === 'imported') imported.delete(before.digest.toString('hex'))
      if (key === undefined) return void byId.delete(id)
      byId.set(id, key)
      if (key.kind === 'imported') imported.set(key.digest.toString('hex'), key)
    },
    clear(): void {
      byId.clear()
      imported.clear()
    },
  }
}

function rowsByTenant(settings: readonly SettingRow[]): ReadonlyMap<TenantId, SettingRow[]> {
  const rows = new Map<TenantId, SettingRow[]>()
  for (const row of settings) {
    const known = rows.get(row.tenant)
    if (known) known.push(row)
    else rows.set(row.tenant, [row])
  }
  return rows
}
