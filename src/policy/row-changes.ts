import type { SettingKey } from '../contract/ids.ts'
import type { Provider } from '../contract/provider.ts'
import type { SettingRow } from '../contract/store.ts'
import type { Vault } from '../contract/vault.ts'
import { writtenValue } from './sealing/pooled.ts'

/** What to write and what to remove in one transaction; names to remove are exactly as they lie in the table. */
export interface RowChange {
  readonly put: readonly { readonly key: string; readonly value: string }[]
  readonly remove: readonly string[]
}

export interface Migration extends RowChange {
  readonly moves: readonly { readonly from: string; readonly to: SettingKey }[]
  /** Rows left where they are, since providers of one key group use different ones and a move would change what one of them uses. */
  readonly kept: readonly string[]
}

/** The rows a provider's walk passes; the first decides. */
export interface RowsOf {
  readonly provider: Provider
  readonly rows: readonly SettingRow[]
}

/** Moves each key group's row to its canonical name; the value is not opened, since what seals it is not bound to the row's name. */
export function migrate(walks: readonly RowsOf[]): Migration {
  const groups = Map.groupBy(walks, ({ provider }) => provider.apiKeyEnv)
  const deciding = Array.from(groups, ([to, members]) => ({ to, rows: [...new Set(members.flatMap(({ rows }) => rows.slice(0, 1)))] }))
  const moved = deciding.flatMap(({ to, rows: [row, ...others] }) => (row && others.length === 0 && row.key !== to ? [{ row, to }] : []))
  return {
    put: moved.map(({ row, to }) => ({ key: to, value: row.value })),
    remove: moved.map(({ row }) => row.key),
    moves: moved.map(({ row, to }) => ({ from: row.key, to })),
    kept: deciding.filter(({ rows }) => rows.length > 1).flatMap(({ rows }) => rows.map(({ key }) => key)),
  }
}

/** Puts what lies there plain, or in another system's envelope that can be opened, under our own seal. */
export async function seal(vault: Vault, walks: readonly RowsOf[]): Promise<RowChange> {
  const groups = new Map(walks.flatMap(({ provider, rows }) => rows.map((row) => [row, provider.apiKeyEnv] as const)))
  const put: { key: string; value: string }[] = []
  for (const [row, group] of groups) {
    const bound = { tenant: row.tenant, group }
    const opened = vault.open(bound, row.value)
    if (opened.state === 'unreadable' || opened.form === 'sealed') continue
    put.push({ key: row.key, value: await vault.seal(bound, writtenValue(opened)) })
  }
  return { put, remove: [] }
}
