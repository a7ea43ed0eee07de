import { type SettingKey, settingKey } from '../contract/ids.ts'
import type { SettingRow } from '../contract/store.ts'

/** The rows of one tenant that have the same name but for case. */
export interface NamedRows {
  /** The one that counts: the exact upper case, else the newest. Undefined where all are blank, since an empty value is no row. */
  readonly row: SettingRow | undefined
  /** All of them, blank ones too, in the order in which they would count. */
  readonly all: readonly SettingRow[]
}

/** A tenant's rows by setting key: compared in upper case, total and stable whatever order the table gives them in. */
export function namedRows(rows: readonly SettingRow[]): ReadonlyMap<SettingKey, NamedRows> {
  const byKey = Map.groupBy(rows, ({ key }) => settingKey(key))
  return new Map(Array.from(byKey, ([key, same]) => [key, decided(key, same)]))
}

function decided(key: SettingKey, same: readonly SettingRow[]): NamedRows {
  const rank = (row: SettingRow): number => (row.key === key ? 0 : 1)
  const all = same.toSorted((a, b) => rank(a) - rank(b) || instant(b.updatedAt) - instant(a.updatedAt) || (a.key < b.key ? -1 : 1))
  return { row: all.find((row) => !isBlank(row)), all }
}

export const isBlank = ({ value }: SettingRow): boolean => value.trim() === ''

/** Milliseconds; rows written by hand carry what SQL's `datetime('now')` gives, which is UTC without saying so. */
function instant(text: string): number {
  const zoned = /(?:z|[+-]\d\d(?::?\d\d)?)$/i.test(text) ? text : `${text}Z`
  return Date.parse(zoned) || 0
}
