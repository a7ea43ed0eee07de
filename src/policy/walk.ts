import type { Parts } from '../contract/auth.ts'
import type { Credential, LookedFor, Via, Walk } from '../contract/decision.ts'
import type { KeyHealth } from '../contract/health.ts'
import type { SettingKey, TenantId } from '../contract/ids.ts'
import type { Provider } from '../contract/provider.ts'
import type { Registry } from '../contract/registry.ts'
import type { Secret } from '../contract/secret.ts'
import type { SettingRow } from '../contract/store.ts'
import type { Opened, Vault } from '../contract/vault.ts'
import { keyless, type Place, unreadable } from './credential.ts'
import { credentialOf, type OpenedKey, platformKeys, poolCredential } from './opened-key.ts'
import { Plaintexts } from './plaintexts.ts'
import { isBlank, type NamedRows, namedRows } from './setting-rows.ts'
import { type PlatformEnvironment, partsOfPooled, partsOfRow, placesFromEnvironment, platformCredential, platformNames } from './several.ts'

/** The rows as the process has them in memory. */
export interface RowSource {
  rowsOf(tenant: TenantId): readonly SettingRow[]
  /** Moves whenever one of the tenant's rows does. */
  versionOf(tenant: TenantId): number
}

export interface WalkInput extends PlatformEnvironment {
  readonly registry: Registry
  readonly rows: RowSource
  readonly vault: Vault
  readonly health: KeyHealth
  /** Eight hex digits that tell two keys apart; the tenant is undefined for the platform's. */
  readonly fingerprint: (tenant: TenantId | undefined, secret: Secret) => string
  /** Milliseconds. */
  readonly now: () => number
}

/** A row that stands where the walk looks. */
export interface FoundRow {
  readonly row: SettingRow
  readonly settingKey: SettingKey
  readonly via: Via
}

export interface OpenedRow {
  readonly credential: Credential
  /** How the value lies in the table; undefined where it cannot be read. */
  readonly form: Extract<Opened, { state: 'open' }>['form'] | undefined
}

interface Memo {
  readonly version: number
  readonly rows: ReadonlyMap<SettingKey, NamedRows>
  readonly walks: Map<string, { readonly walk: Walk; readonly until: number }>
}

/** Tenants whose walks are remembered; beyond them the oldest are taken again. */
const MAX_TENANTS = 10_000
/** An unreadable row is looked at again after a second: its data key may have arrived since. Milliseconds. */
const RETRY = 1_000
const NO_KEY: Walk = { lookedFor: [], tenant: undefined, platform: keyless }

/** The walk from a tenant and a provider to the key that counts, remembered until one of the tenant's rows changes. */
export class Walks {
  readonly #input: WalkInput
  readonly #parts: Plaintexts<Parts>
  readonly #memos = new Map<TenantId, Memo>()
  /** What everyone without a row for the provider gets. */
  readonly #bare = new Map<string, Walk>()

  constructor(input: WalkInput) {
    this.#input = input
    this.#parts = new Plaintexts(input.now)
  }

  walk(tenant: TenantId, provider: Provider): Walk {
    if (provider.credential === 'none') return NO_KEY
    const { walks, rows } = this.#memo(tenant)
    const known = walks.get(provider.id)
    if (known && (known.until === Number.POSITIVE_INFINITY || this.#input.now() < known.until)) return known.walk
    const walk = this.#take(provider, rows)
    const until = walk.tenant?.state === 'unreadable' ? this.#input.now() + RETRY : Number.POSITIVE_INFINITY
    walks.set(provider.id, { walk, until })
    return walk
  }

  platform(provider: Provider): Credential | undefined {
    return provider.credential === 'none' ? undefined : this.#bareWalk(provider).platform
  }

  /** Every row the walk passes, blank ones too, in its order: the first that is not blank decides. */
  found(tenant: TenantId, provider: Provider): readonly FoundRow[] {
    if (provider.credential === 'none') return []
    const { rows } = this.#memo(tenant)
    const steps = this.#input.registry.steps(provider)
    return steps.flatMap((step) => (rows.get(step.settingKey)?.all ?? []).map((row) => ({ row, ...step })))
  }

  /** What one row holds: a key, or several of which one is used. */
  open(provider: Provider, { row, settingKey, via }: FoundRow): OpenedRow {
    const place: Place = { source: 'tenant', settingKey, via }
    const bound = { tenant: row.tenant, group: provider.apiKeyEnv }
    const reopened = () => this.#input.vault.open(bound, row.value)
    const opened = reopened()
    if (opened.state === 'unreadable') return { credential: unreadable(place, opened.trouble), form: undefined }
    const { form, pool } = opened
    const key = { provider, place, tenant: row.tenant }
    if (!pool) {
      const again = () => this.#parts.of(row, () => partsOfRow(reopened()))
      return { credential: credentialOf({ ...key, parts: partsOfRow(opened), again }, this.#input), form }
    }
    const keys = pool.map(({ parts, share }, at): OpenedKey => {
      // Each is held open by itself, under an owner that is only its own.
      const again = () => this.#parts.of(share, () => partsOfPooled(reopened(), at))
      return { ...key, parts, share, again }
    })
    return { credential: poolCredential(keys, this.#input) ?? unreadable(place, 'its list of keys is empty'), form }
  }

  sweep(): void {
    this.#parts.sweep()
  }

  #memo(tenant: TenantId): Memo {
    const { rows } = this.#input
    const version = rows.versionOf(tenant)
    const known = this.#memos.get(tenant)
    if (known?.version === version) return known
    const memo: Memo = { version, rows: namedRows(rows.rowsOf(tenant)), walks: new Map() }
    const [oldest] = this.#memos.keys()
    if (oldest !== undefined && this.#memos.size >= MAX_TENANTS) this.#memos.delete(oldest)
    this.#memos.set(tenant, memo)
    return memo
  }

  #take(provider: Provider, rows: Memo['rows']): Walk {
    const steps = this.#input.registry.steps(provider)
    const bare = this.#bareWalk(provider)
    if (!steps.some(({ settingKey }) => rows.has(settingKey))) return bare
    const first = steps.find(({ settingKey }) => rows.get(settingKey)?.row)
    const row = first && rows.get(first.settingKey)?.row
    const tenant = first && row && this.open(provider, { ...first, row }).credential
    const lookedFor = steps.map((step) => lookedAt(step, rows.get(step.settingKey), tenant))
    return { ...bare, lookedFor: [...lookedFor, ...bare.lookedFor.slice(steps.length)], tenant }
  }

  #bareWalk(provider: Provider): Walk {
    const known = this.#bare.get(provider.id)
    if (known) return known
    const { registry, platform } = this.#input
    const own = registry.steps(provider).map((step) => ({ setting_key: step.settingKey, via: step.via, found: false }))
    const names = registry.platformNames(provider)
    const looked = [...new Set([...names, ...platformNames(provider)])]
    const ours = looked.map((name) => ({ setting_key: name, via: 'platform' as const, found: platform(name) !== undefined }))
    const walk: Walk = { lookedFor: [...own, ...ours], tenant: undefined, platform: this.#platformKey(provider, names) }
    this.#bare.set(provider.id, walk)
    return walk
  }

  #platformKey(provider: Provider, names: readonly SettingKey[]): Credential | undefined {
    const { platform } = this.#input
    const name = names.find((candidate) => platform(candidate) !== undefined)
    const keys = name === undefined ? [] : platformKeys(provider, name, platform)
    if (keys.length > 1 || keys[0]?.share) {
      const places = placesFromEnvironment(provider, this.#input)
      const placed = keys.map(({ parts, ...key }) => ({ ...key, parts: { ...places, ...parts }, again: () => ({ ...places, ...parts }) }))
      return poolCredential(placed, this.#input)
    }
    if (provider.credentials) return platformCredential(provider, names, this.#input)
    return keys[0] && credentialOf(keys[0], this.#input)
  }
}

function lookedAt(step: Omit<FoundRow, 'row'>, rows: NamedRows | undefined, counts: Credential | undefined): LookedFor {
  const looked = { setting_key: step.settingKey, via: step.via, found: rows?.row !== undefined }
  const note = noteOn(step, rows, counts)
  return note === undefined ? looked : { ...looked, note }
}

function noteOn({ settingKey }: Omit<FoundRow, 'row'>, rows: NamedRows | undefined, counts: Credential | undefined): string | undefined {
  if (rows === undefined) return undefined
  if (rows.row === undefined) return 'the row is empty'
  const notes: string[] = []
  const alike = rows.all.filter((row) => !isBlank(row)).length
  if (alike > 1) notes.push(`${alike} rows differ only in case, and ${rows.row.key} counts`)
  if (counts?.settingKey !== settingKey) notes.push(`${counts?.settingKey} comes first`)
  else if (counts.state === 'unreadable' && counts.trouble !== undefined) notes.push(counts.trouble)
  return notes.join('; ') || undefined
}
