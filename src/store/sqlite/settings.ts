import type { Database } from 'better-sqlite3'
import type { TenantId } from '../../contract/ids.ts'
import type { SettingRow, SettingStore } from '../../contract/store.ts'
import { decodeSetting, type WrittenSetting } from '../rows/settings.ts'
import { noSuchTenant } from '../rows/tenants.ts'
import type { Desk } from './mutation.ts'

// A value written by hand as a blob literal is text all the same.
const SELECT = 'SELECT tenant_id, setting_key, CAST(setting_value AS TEXT), created_at, updated_at FROM tenant_settings'

export function settingReader(db: Database): { all(): SettingRow[]; of(tenant: TenantId): SettingRow[] } {
  const all = db.prepare<[], WrittenSetting>(SELECT).raw()
  const ofTenant = db.prepare<[string], WrittenSetting>(`${SELECT} WHERE tenant_id = ?`).raw()
  return { all: () => all.all().map(decodeSetting), of: (tenant) => ofTenant.all(tenant).map(decodeSetting) }
}

export function settingStore({ db, now, mutate }: Desk): SettingStore {
  const known = db.prepare('SELECT 1 FROM tenants WHERE id = ?')
  const put = db.prepare(`
    INSERT INTO tenant_settings (tenant_id, setting_key, setting_value, created_at, updated_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET setting_value = excluded.setting_value, updated_at = excluded.updated_at`)
  const remove = db.prepare('DELETE FROM tenant_settings WHERE tenant_id = ? AND setting_key = ?')

  return {
    write: (tenant, change, entry) =>
      mutate(entry, () => {
        if (known.get(tenant) === undefined) throw noSuchTenant(tenant)
        const time = new Date(now()).toISOString()
        for (const key of change.remove) remove.run(tenant, key)
        for (const { key, value } of change.put) put.run(tenant, key, value, time, time)
      }),
  }
}
