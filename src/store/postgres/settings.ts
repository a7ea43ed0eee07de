import type { TenantId } from '../../contract/ids.ts'
import type { SettingRow, SettingStore } from '../../contract/store.ts'
import { decodeSetting, type WrittenSetting } from '../rows/settings.ts'
import { noSuchTenant } from '../rows/tenants.ts'
import type { Queries } from './database.ts'
import type { Desk } from './desk.ts'
import { onlyRead, type Sources } from './sources.ts'

const COLUMNS = 'tenant_id, setting_key, setting_value, created_at, updated_at'

/** Of these tenants, or of all. */
export async function readSettings(db: Queries, { settings }: Sources, tenants?: readonly TenantId[]): Promise<SettingRow[]> {
  const select = `SELECT ${COLUMNS} FROM ${settings}`
  const order = 'ORDER BY tenant_id, setting_key'
  const rows = tenants
    ? db.tuples<WrittenSetting>(`${select} WHERE tenant_id = ANY($1) ${order}`, tenants)
    : db.tuples<WrittenSetting>(`${select} ${order}`)
  return (await rows).map(decodeSetting)
}

export function settingStore({ now, mutate, sources }: Desk): SettingStore {
  const { tenants, settings } = sources.foreign
  if (settings) return { write: () => Promise.reject(onlyRead('Provider keys', settings)) }
  return {
    write: (tenant, { put, remove }, entry) =>
      mutate(entry, async (tx) => {
        // Held until the commit, so that nobody deletes the tenant meanwhile; another program's rows are not ours to hold.
        const held = tenants ? '' : ' FOR KEY SHARE'
        const known = await tx.rows(`SELECT 1 FROM ${sources.tenants} WHERE id = $1${held}`, tenant)
        if (known.length === 0) throw noSuchTenant(tenant)
        await tx.run('DELETE FROM tenant_settings WHERE tenant_id = $1 AND setting_key = ANY($2)', tenant, remove)
        const time = new Date(now()).toISOString()
        for (const { key, value } of put) {
          await tx.run(
            `INSERT INTO tenant_settings (tenant_id, setting_key, setting_value, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)
            ON CONFLICT (tenant_id, setting_key) DO UPDATE SET setting_value = excluded.setting_value, updated_at = excluded.updated_at`,
            ...[tenant, key, value, time],
          )
        }
      }),
  }
}
