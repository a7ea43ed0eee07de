import { tenantId } from '../../contract/ids.ts'
import type { SettingRow } from '../../contract/store.ts'
import { isoTime } from '../time.ts'

export type WrittenSetting = [tenant: string, key: string, value: string | null, createdAt: string | null, updatedAt: string | null]

export function decodeSetting([tenant, key, value, createdAt, updatedAt]: WrittenSetting): SettingRow {
  return { tenant: tenantId(tenant), key, value: value ?? '', createdAt: isoTime(createdAt), updatedAt: isoTime(updatedAt) }
}
