import type { SettingKey } from '../contract/ids.ts'
import type { Provider } from '../contract/provider.ts'
import type { SettingRow } from '../contract/store.ts'
import type { Opened, Vault } from '../contract/vault.ts'

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

/** A row, and a provider that looks at it. */
export interface RowOf {
  readonly provider: Provider
  readonly row: SettingRow
}

/** Moves each key group's row to its canonical name; the value is not opened, since what seals it is not bound to the row's name. */
export function migrate(counting: readonly RowOf[]): Migration {
  const groups = Array.from(
    Map.groupBy(counting, ({ provider }) => provider.apiKeyEnv),
    ([to, members]) => ({
      to,
      rows: [...new Set(members.map(({ row }) => row))],
    }),
  )
  const kept = groups.filter(({ rows }) => rows.length > 1).flatMap(({ rows }) => rows)
  const moved = groups.flatMap(({ to, rows: [row, other] }) => (row && !other && row.key !== to ? [{ row, to }] : []))
  return {
    put: moved.map(({ row, to }) => ({ key: to, value: row.value })),
    remove: moved.map(({ row }) => row.key),
    moves: moved.map(({ row, to }) => ({ from: row.key, to })),
    kept: kept.map(({ key }) => key),
  }
}

/** Puts what lies there plain, or in another system's envelope that can be opened, under our own seal. */
export async function seal(vault: Vault, rows: readonly RowOf[]): Promise<RowChange> {
  const once = new Map(rows.map((one) => [one.row, one]))
  const put: { key: string; value: string }[] = []
  for (const { provider, row } of once.values()) {
    const bound = { tenant: row.tenant, group: provider.apiKeyEnv }
    const opened = vault.open(bound, row.value)
    if (opened.state === 'unreadable' || opened.form === 'sealed') continue
    put.push({ key: row.key, value: await vault.seal(bound, written(opened)) })
  }
  return { put, remove: [] }
}

function written({ key, fields }: Extract<Opened, { state: 'open' }>): string {
  const others = Object.entries(fields).map(([name, secret]) => [name, secret.reveal()])
  if (key && others.length === 0) return key.reveal()
  return JSON.stringify({ ...(key && { key: key.reveal() }), ...Object.fromEntries(others) })
}
