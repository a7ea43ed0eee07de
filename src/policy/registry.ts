import { type SettingKey, settingKeyOf } from '../contract/ids.ts'
import type { Provider } from '../contract/provider.ts'
import type { Registry, RetiredId, WalkStep } from '../contract/registry.ts'

/**
 * All providers with the names their keys may be stored under, worked out once. Throws an `Error` that names every contradiction: a
 * setting key claimed by two key groups, a group shared by two vendors, an id given twice, a former id of a provider that is not there.
 */
export function createRegistry(input: { providers: readonly Provider[]; retired: readonly RetiredId[] }): Registry {
  const providers = input.providers.map((provider) => withFormerIds(provider, input.retired))
  const ids = releasedIds(providers, input.retired)
  const claims = claimsOf(ids)
  refuse([...troubleWithIds(ids, input), ...troubleWithClaims(claims), ...troubleWithVendors(providers)])

  const byId = new Map<string, Provider>(providers.map((provider) => [provider.id, provider]))
  const released = new Map(ids.map((entry) => [entry.id, { provider: entry.provider, legacy: entry.legacy, retired: entry.retired }]))
  const steps = new Map<string, readonly WalkStep[]>(providers.map((provider) => [provider.id, stepsOf(provider, ids)]))
  const platformNames = new Map<string, readonly SettingKey[]>(providers.map((provider) => [provider.id, namesOf(provider)]))
  const groups = new Map(claims.map((claim) => [claim.settingKey, claim.group]))
  return {
    providers,
    get: (id) => byId.get(id),
    lookup: (id) => released.get(id),
    steps: (provider) => steps.get(provider.id) ?? [],
    platformNames: (provider) => platformNames.get(provider.id) ?? [],
    groupOf: (settingKey) => groups.get(settingKey),
    releasedIds: ids.map(({ id }) => id),
  }
}

/** One id that was ever released, and the key group its `<ID>_API_KEY` belongs to. */
interface ReleasedId {
  readonly id: string
  readonly group: SettingKey
  readonly provider: Provider | undefined
  readonly legacy: boolean
  readonly retired?: RetiredId
}

interface Claim {
  readonly settingKey: SettingKey
  readonly group: SettingKey
  readonly by: string
}

function withFormerIds(provider: Provider, retired: readonly RetiredId[]): Provider {
  const former = retired.filter(({ now }) => now === provider.id).map(({ id }) => id)
  return { ...provider, legacyIds: [...new Set([...former, ...provider.legacyIds])] }
}

/** The living in registry order, then the former ids of each in that order, then those whose vendor is gone. */
function releasedIds(providers: readonly Provider[], retired: readonly RetiredId[]): ReleasedId[] {
  const rows = new Map(retired.map((row) => [row.id, row]))
  const living = providers.map((provider) => ({ id: provider.id, group: provider.apiKeyEnv, provider, legacy: false }))
  const former = providers.flatMap((provider) =>
    provider.legacyIds.map((id) => ({ id, group: provider.apiKeyEnv, provider, legacy: true, retired: rows.get(id) })),
  )
  const gone = retired.flatMap((row) =>
    row.now === undefined
      ? [{ id: row.id, group: row.apiKeyEnv ?? settingKeyOf(row.id), provider: undefined, legacy: true, retired: row }]
      : [],
  )
  return [...living, ...former, ...gone]
}

function claimsOf(ids: readonly ReleasedId[]): Claim[] {
  return ids.flatMap(({ id, group, provider, legacy }) =>
    [group, settingKeyOf(id), ...(provider && !legacy ? provider.envAliases : [])].map((settingKey) => ({ settingKey, group, by: id })),
  )
}

/** The tenant's rows of the walk; the platform's names follow them and are not rows. */
function stepsOf(provider: Provider, ids: readonly ReleasedId[]): WalkStep[] {
  const shared = ids.filter(({ group }) => group === provider.apiKeyEnv).map(({ id }) => id)
  const steps: WalkStep[] = [
    ...[provider.apiKeyEnv, settingKeyOf(provider.id)].map((settingKey) => ({ settingKey, via: 'canonical' as const })),
    ...provider.envAliases.map((settingKey) => ({ settingKey, via: 'alias' as const })),
    ...provider.legacyIds.map((id) => ({ settingKey: settingKeyOf(id), via: 'legacy' as const })),
    ...shared.map((id) => ({ settingKey: settingKeyOf(id), via: 'shared' as const })),
  ]
  return steps.filter((step, index) => steps.findIndex(({ settingKey }) => settingKey === step.settingKey) === index)
}

function namesOf(provider: Provider): SettingKey[] {
  return [...new Set([provider.apiKeyEnv, ...provider.envAliases])]
}

function troubleWithIds(ids: readonly ReleasedId[], input: { providers: readonly Provider[]; retired: readonly RetiredId[] }): string[] {
  const living = new Set<string>(input.providers.map(({ id }) => id))
  const twice = ids.filter(({ id }, index) => ids.findIndex((other) => other.id === id) !== index)
  const lost = input.retired
    .filter(({ now }) => now !== undefined && !living.has(now))
    .map(({ id, now }) => `The former id ${id} stands for ${now}, and there is no provider ${now}.`)
  return [...twice.map(({ id }) => `The id ${id} is given twice.`), ...lost]
}

function troubleWithClaims(claims: readonly Claim[]): string[] {
  const first = new Map<SettingKey, Claim>()
  return claims.flatMap((claim) => {
    const other = first.get(claim.settingKey)
    if (other === undefined) first.set(claim.settingKey, claim)
    if (other === undefined || other.group === claim.group) return []
    return [`${claim.settingKey} is claimed by ${other.by} (keys of ${other.group}) and by ${claim.by} (keys of ${claim.group}).`]
  })
}

function troubleWithVendors(providers: readonly Provider[]): string[] {
  const first = new Map<SettingKey, Provider>()
  return providers.flatMap((provider) => {
    const other = first.get(provider.apiKeyEnv)
    if (other === undefined) first.set(provider.apiKeyEnv, provider)
    if (other === undefined || other.vendor === provider.vendor) return []
    return [
      `${provider.apiKeyEnv} is shared by ${other.id} of ${other.vendor} and ${provider.id} of ${provider.vendor}: one vendor's key must not reach another.`,
    ]
  })
}

function refuse(troubles: readonly string[]): void {
  if (troubles.length > 0) throw new Error(`The providers contradict each other.\n${troubles.join('\n')}`)
}
