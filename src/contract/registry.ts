import type { Via } from './decision.ts'
import type { SettingKey } from './ids.ts'
import type { Provider } from './provider.ts'

/** An id that was released once. Rows are only ever added: a stored key may still be named for it. */
export interface RetiredId {
  readonly id: string
  /** The living provider it became; undefined: the vendor is gone, and calls are refused with `because`. */
  readonly now?: string
  /** The key group it belongs to, where it has no living provider. */
  readonly apiKeyEnv?: SettingKey
  readonly because?: string
  /** The wire model the id stood for, where it named one, e.g. `MiniMax-M2.7`. */
  readonly model?: string
}

/** One name of the walk. */
export interface WalkStep {
  readonly settingKey: SettingKey
  readonly via: Exclude<Via, 'platform'>
}

/** All providers, living and retired, and the names their keys may be stored under. */
export interface Registry {
  /** In registry order: shipped alphabetically, then the operator's. */
  readonly providers: readonly Provider[]
  get(id: string): Provider | undefined
  /** A living id, a legacy id, or a retired one. */
  lookup(id: string): { readonly provider: Provider | undefined; readonly legacy: boolean; readonly retired?: RetiredId } | undefined
  /** The tenant's rows of the walk, in order, without repeats. */
  steps(provider: Provider): readonly WalkStep[]
  /** Environment names of the platform's key, in order. */
  platformNames(provider: Provider): readonly SettingKey[]
  /** The `apiKeyEnv` of the one group that claims this setting key. */
  groupOf(settingKey: SettingKey): SettingKey | undefined
  /** Every id ever released, living or not. */
  readonly releasedIds: readonly string[]
}
