import type { Tenant } from '../contract/caller.ts'
import { type Credential, keysOf } from '../contract/decision.ts'
import type { Provider } from '../contract/provider.ts'
import { GatewayError } from '../errors.ts'
import type { KeyStatus } from '../policy/provider-keys.ts'
import type { Migration, RowChange } from '../policy/row-changes.ts'
import type { UnclaimedRow } from '../policy/unclaimed.ts'
import { type Probed, probe } from '../probe.ts'
import { entry, note } from './audit.ts'
import type { Desk } from './desk.ts'
import { type GivenKey, refused, sealable } from './given-key.ts'
import type { Operator } from './operator.ts'

export type { KeyStatus } from '../policy/provider-keys.ts'
export type { GivenKey } from './given-key.ts'

/** One tenant's key for one provider. */
export interface KeyPlace {
  readonly tenant: Tenant
  readonly provider: Provider
}

export interface StoredKey {
  readonly status: KeyStatus
  /** What was changed or is odd about what was given. */
  readonly notes: readonly string[]
}

/** Seals the key into its canonical row. Rows of other names stay and are shadowed from now on; the status names them. */
export async function setProviderKey(
  desk: Desk,
  by: Operator,
  { tenant, provider, given }: KeyPlace & { given: GivenKey },
): Promise<StoredKey> {
  const { text, notes, detail: stored } = sealable(desk, provider, given)
  const bound = { tenant: tenant.id, group: provider.apiKeyEnv }
  const sealed = await desk.vault.seal(bound, text)
  const opened = desk.vault.open(bound, sealed)
  if (opened.state === 'unreadable') throw refused(`The key is not taken, for ${opened.trouble}.`)
  const { shadows, ...change } = desk.providerKeys().store(tenant.id, provider, sealed)
  const detail = { setting_key: provider.apiKeyEnv, ...stored, shadows }
  await desk.store.settings.write(tenant.id, change, entry(desk, by, { ...about('provider_key.set', { tenant, provider }), detail }))
  return { status: desk.providerKeys().status(tenant.id, provider), notes }
}

/** Every row of the walk goes, so that no older one comes alive; each is named. Without `dryRun`, throws `not_found` where there is none. */
export async function removeProviderKey(
  desk: Desk,
  by: Operator,
  { tenant, provider, dryRun }: KeyPlace & { dryRun: boolean },
): Promise<readonly string[]> {
  const change = desk.providerKeys().remove(tenant.id, provider)
  if (dryRun) return change.remove
  if (change.remove.length === 0) throw noKey({ tenant, provider })
  const detail = { removed: change.remove }
  await desk.store.settings.write(tenant.id, change, entry(desk, by, { ...about('provider_key.remove', { tenant, provider }), detail }))
  return change.remove
}

export interface KeyList {
  readonly keys: readonly KeyStatus[]
  /** Rows at which no provider looks. */
  readonly unclaimed: readonly UnclaimedRow[]
}

export async function listProviderKeys(desk: Desk, by: Operator, tenant: Tenant): Promise<KeyList> {
  await note(desk, by, { action: 'provider_key.list', tenant: tenant.id, object: tenant.slug })
  const keys = desk.providerKeys()
  return { keys: keys.list(tenant.id), unclaimed: keys.unclaimed(tenant.id) }
}

export async function showProviderKey(desk: Desk, by: Operator, place: KeyPlace): Promise<KeyStatus> {
  await note(desk, by, about('provider_key.show', place))
  return desk.providerKeys().status(place.tenant.id, place.provider)
}

export interface TestedKey {
  readonly status: KeyStatus
  /** Undefined: the key cannot be read, so nobody was asked. */
  readonly probed: Probed | undefined
}

/**
 * Asks the provider about the tenant's own key, or each of several, and lets their health know; the worst answer is told. Throws `not_found`
 * where the tenant has none.
 */
export async function testProviderKey(desk: Desk, by: Operator, place: KeyPlace): Promise<TestedKey> {
  const { tenant, provider } = place
  const credential = desk.providerKeys().walk(tenant, provider).tenant
  if (!credential) throw noKey(place)
  const trouble = desk.gateway.snapshot().trouble(provider, credential)
  if (trouble) throw new GatewayError(trouble.code, `${provider.name} cannot be asked: ${trouble.reason}.`, { retry: false })
  await note(desk, by, about('provider_key.test', place))
  const probes: Probed[] = []
  for (const key of keysOf(credential)) {
    const probed = await asked(desk, place, key)
    if (probed) probes.push(probed)
  }
  const worst = probes.sort((a, b) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict))[0]
  return { status: desk.providerKeys().status(tenant.id, provider), probed: worst }
}

/** Worst first. */
const VERDICTS: readonly Probed['verdict'][] = ['bad', 'unknown', 'good']

async function asked(desk: Desk, { tenant, provider }: KeyPlace, key: Credential): Promise<Probed | undefined> {
  const { fingerprint } = key
  if (key.state === 'unreadable' || fingerprint === undefined) return undefined
  const probed = await probe(desk.gateway, provider, key)
  const ref = { provider, tenant: tenant.id, fingerprint }
  if (probed.verdict === 'good') desk.keyHealth.probed(ref, true)
  else if (probed.verdict === 'bad') desk.keyHealth.refused(ref, probed.words ?? '')
  return probed
}

/** Moves each key group's row to its canonical name. */
export async function migrateProviderKeys(
  desk: Desk,
  by: Operator,
  { tenant, dryRun }: { tenant: Tenant; dryRun: boolean },
): Promise<Migration> {
  const migration = desk.providerKeys().migrate(tenant.id)
  if (dryRun || migration.moves.length === 0) return migration
  const act = { action: 'provider_key.migrate', tenant: tenant.id, object: tenant.slug, detail: { moves: migration.moves } }
  await desk.store.settings.write(tenant.id, migration, entry(desk, by, act))
  return migration
}

/** Puts plain values, and other systems' that can be opened, under our own seal. Resolves with the names of the rows. */
export async function sealProviderKeys(desk: Desk, by: Operator, tenant: Tenant): Promise<readonly string[]> {
  const change: RowChange = await desk.providerKeys().seal(tenant.id)
  const sealed = change.put.map(({ key }) => key)
  if (sealed.length === 0) return sealed
  const act = { action: 'provider_key.seal', tenant: tenant.id, object: tenant.slug, detail: { sealed } }
  await desk.store.settings.write(tenant.id, change, entry(desk, by, act))
  return sealed
}

/** By its id or a former one. Throws `not_found`. */
export function providerNamed({ rules }: Desk, id: string): Provider {
  const provider = rules().registry.lookup(id)?.provider
  if (provider) return provider
  throw new GatewayError('not_found', 'There is no such provider. GET /admin/v1/providers lists those there are.', { param: 'provider' })
}

const noKey = ({ tenant, provider }: KeyPlace): GatewayError =>
  new GatewayError('not_found', `Tenant ${tenant.slug} has no key of its own for ${provider.name}.`)

const about = (action: string, { tenant, provider }: KeyPlace) => ({ action, tenant: tenant.id, object: `${tenant.slug}/${provider.id}` })
