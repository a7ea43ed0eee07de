import { type SettingKey, settingKey, settingKeyOf } from '../contract/ids.ts'
import type { Registry } from '../contract/registry.ts'
import type { SettingRow } from '../contract/store.ts'

export interface UnclaimedRow {
  /** As it is written. */
  readonly setting_key: string
  readonly updated_at: string
  /** Why nobody looks at it, where that is known: its vendor is gone, or its provider takes no key. */
  readonly because: string | undefined
}

/** Rows at which no provider's walk looks. They may well be something else's settings: they are told of, never touched. */
export function unclaimedRows(registry: Registry, rows: readonly SettingRow[]): UnclaimedRow[] {
  const taking = registry.providers.filter(({ credential }) => credential === 'key')
  const claimed = new Set(taking.flatMap((provider) => registry.steps(provider).map((step) => step.settingKey)))
  return rows
    .filter(({ key }) => !claimed.has(settingKey(key)))
    .map(({ key, updatedAt }) => ({ setting_key: key, updated_at: updatedAt, because: reasonFor(registry, settingKey(key)) }))
}

function reasonFor(registry: Registry, key: SettingKey): string | undefined {
  const id = registry.releasedIds.find((released) => settingKeyOf(released) === key)
  const found = id === undefined ? undefined : registry.lookup(id)
  return found?.retired?.because ?? (found?.provider && `${found.provider.name} takes no key.`)
}
