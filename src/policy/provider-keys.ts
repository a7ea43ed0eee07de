import type { Tenant } from '../contract/caller.ts'
import type { Credential, Placement, Via, Walk } from '../contract/decision.ts'
import type { TenantId } from '../contract/ids.ts'
import type { KeyShare } from '../contract/pool.ts'
import type { Provider } from '../contract/provider.ts'
import { GatewayError } from '../errors.ts'
import { type Migration, migrate, type RowChange, type RowsOf, seal } from './row-changes.ts'
import { isBlank } from './setting-rows.ts'
import { type UnclaimedRow, unclaimedRows } from './unclaimed.ts'
import { type FoundRow, type WalkInput, Walks } from './walk.ts'

/** The one walk, for all who resolve, show, store, move, seal or delete a tenant's provider keys. */
export interface ProviderKeys {
  walk(tenant: Tenant | TenantId, provider: Provider): Walk
  /** The platform's own, as every tenant without a key of its own finds it. */
  platform(provider: Provider): Credential | undefined
  status(tenant: TenantId, provider: Provider): KeyStatus
  /** Each row of the walk by itself, in order, the ones that do not count too. */
  rows(tenant: TenantId, provider: Provider): readonly KeyStatus[]
  /** One status for every provider that finds a row. */
  list(tenant: TenantId): readonly KeyStatus[]
  /** Rows at which no provider looks. */
  unclaimed(tenant: TenantId): readonly UnclaimedRow[]
  /** Puts the canonical row and names those it shadows; `value` is what the vault has sealed. Throws where the provider takes no key. */
  store(tenant: TenantId, provider: Provider, value: string): RowChange & { readonly shadows: readonly string[] }
  /** Removes every row of the walk, so that no legacy row comes alive again. */
  remove(tenant: TenantId, provider: Provider): RowChange
  /** Moves the row that counts in each key group to its canonical name, the value as it is. */
  migrate(tenant: TenantId): Migration
  /** Puts plain and other systems' values into our envelope. */
  seal(tenant: TenantId): Promise<RowChange>
  /** A sender used a key that was found this way. */
  used(via: Via): void
  counts(): ReadonlyMap<Via, number>
  /** Lets go of secrets that were opened more than a minute ago; to be called now and then. */
  sweep(): void
}

/** A tenant's own key for one provider, as it is shown. */
export interface KeyStatus {
  readonly provider: string
  readonly setting_key: string | undefined
  readonly via: Via | undefined
  readonly last4: string | undefined
  readonly fingerprint: string | undefined
  readonly status: 'usable' | 'invalid' | 'unreadable' | 'missing'
  /** How the value lies in the table; undefined where it cannot be read. */
  readonly form: 'sealed' | 'plain' | 'foreign' | undefined
  readonly trouble: string | undefined
  /** Where the key leads: its region, its endpoint, and whatever else of its parts is no secret. */
  readonly fields: Readonly<Record<string, string>>
  /** Rows of the walk that are there and do not count, as they are written. */
  readonly shadows: readonly string[]
  readonly updated_at: string | undefined
  /** Each key, where several lie in this row. */
  readonly keys: readonly PooledStatus[]
}

/** One key of a pool, as it is shown. */
export interface PooledStatus extends KeyShare {
  readonly last4: string | undefined
  readonly fingerprint: string | undefined
  readonly status: 'usable' | 'invalid' | 'unreadable'
  readonly trouble: string | undefined
}

export function createProviderKeys(input: WalkInput): ProviderKeys {
  const walks = new Walks(input)
  const usedVia = new Map<Via, number>()
  const taking = input.registry.providers.filter(({ credential }) => credential === 'key')
  const filled = (tenant: TenantId, provider: Provider) => walks.found(tenant, provider).filter(({ row }) => !isBlank(row))
  const status = (tenant: TenantId, provider: Provider): KeyStatus => statusOf(walks, provider, filled(tenant, provider))
  const everywhere = (tenant: TenantId): RowsOf[] =>
    taking.map((provider) => ({ provider, rows: filled(tenant, provider).map(({ row }) => row) }))
  return {
    walk: (tenant, provider) => walks.walk(typeof tenant === 'string' ? tenant : tenant.id, provider),
    platform: (provider) => walks.platform(provider),
    status,
    rows: (tenant, provider) => filled(tenant, provider).map((found) => statusOf(walks, provider, [found])),
    list: (tenant) => taking.map((provider) => status(tenant, provider)).filter((one) => one.status !== 'missing'),
    unclaimed: (tenant) => unclaimedRows(input.registry, input.rows.rowsOf(tenant)),
    store: (tenant, provider, value) => {
      refuseKeyless(provider)
      const names = filled(tenant, provider).map(({ row }) => row.key)
      return { put: [{ key: provider.apiKeyEnv, value }], remove: [], shadows: names.filter((name) => name !== provider.apiKeyEnv) }
    },
    remove: (tenant, provider) => ({ put: [], remove: walks.found(tenant, provider).map(({ row }) => row.key) }),
    migrate: (tenant) => migrate(everywhere(tenant)),
    seal: (tenant) => seal(input.vault, everywhere(tenant)),
    used: (via) => void usedVia.set(via, (usedVia.get(via) ?? 0) + 1),
    counts: () => usedVia,
    sweep: () => walks.sweep(),
  }
}

/** The status of the first row, the others being shadowed by it. */
function statusOf(walks: Walks, provider: Provider, [counts, ...shadows]: readonly FoundRow[]): KeyStatus {
  if (counts === undefined) return { ...MISSING, provider: provider.id }
  const { credential, form } = walks.open(provider, counts)
  return {
    provider: provider.id,
    setting_key: counts.settingKey,
    via: counts.via,
    last4: credential.last4,
    fingerprint: credential.fingerprint,
    status: credential.state,
    form,
    trouble: credential.trouble,
    fields: told(credential.fields),
    shadows: shadows.map(({ row }) => row.key),
    updated_at: counts.row.updatedAt,
    keys: pooledStatus(credential),
  }
}

const told = (fields: Placement = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))

export const pooledStatus = ({ pool = [] }: Credential): PooledStatus[] =>
  pool.map(({ last4, fingerprint, state, trouble, share = { weight: 1 } }) => ({ ...share, last4, fingerprint, status: state, trouble }))

const MISSING = {
  setting_key: undefined,
  via: undefined,
  last4: undefined,
  fingerprint: undefined,
  status: 'missing',
  form: undefined,
  trouble: undefined,
  fields: {},
  shadows: [],
  updated_at: undefined,
  keys: [],
} as const

function refuseKeyless({ credential, name }: Provider): void {
  if (credential === 'key') return
  throw new GatewayError('invalid_value', `${name} takes no key, so there is none to store.`, { param: 'provider' })
}
