// A small world for decisions: plans, keys and candidates as data, everything else as the contract has it.

import { createRanker } from '../../src/catalog/ranker.ts'
import type { Caller } from '../../src/contract/caller.ts'
import type { Candidate, CatalogModel, Preference, Price, Resolution } from '../../src/contract/catalog.ts'
import type { Ask, Credential, LimitRefusal, LookedFor, Snapshot, Walk } from '../../src/contract/decision.ts'
import { defineProvider } from '../../src/contract/define.ts'
import { planId, providerId, settingKey, settingKeyOf } from '../../src/contract/ids.ts'
import type { Plan, PlanSource } from '../../src/contract/plan.ts'
import type { Provider } from '../../src/contract/provider.ts'
import type { Observed } from '../../src/contract/ranking.ts'
import type { Ailment, Trouble } from '../../src/contract/trouble.ts'
import { openaiChat } from '../../src/dialects/openai-chat.ts'
import { compilePlans } from '../../src/policy/plans.ts'
import { keyOf, tenantNamed } from './callers.ts'

export const OPEN: Omit<Plan, 'id'> = {
  was: [],
  models: ['*'],
  endpoints: ['*'],
  providers: ['*'],
  byok: { allowed: true, models: 'any', providers: ['*'] },
  platform_keys: 'on_missing',
  passthrough: 'own_keys',
  limits: { rpm: null, tpm: null, concurrency: null },
  plan_limits: null,
  budget: null,
  meters: [],
  unpriced: 'refuse',
  failover: { other_provider: true },
  fallback: [],
  expose: 'full',
  enforcement: 'on',
  priority: 5,
  on_revoke: 'cut',
  cache: null,
}

export interface Scene {
  plan?: Partial<Omit<Plan, 'id'>> | null
  /** State of the tenant's and the platform's key, by provider; absent: no key. */
  own?: Readonly<Record<string, Credential['state']>>
  platform?: Readonly<Record<string, Credential['state']>>
  candidates?: readonly Candidate[]
  /** What binds every payer, and what binds the platform's money alone. */
  limits?: (payer: 'tenant' | 'platform') => LimitRefusal | undefined
  down?: readonly string[]
  /** Offers that are passed over while another may stand in, by provider. */
  ailing?: Readonly<Record<string, Ailment>>
  /** Whose money is well off nevertheless. */
  wellFor?: Credential['source']
  /** The candidates are ranked so for each request. */
  rank?: Preference
  /** What was seen of offers, by `provider/wire-model`. */
  seen?: Readonly<Record<string, Partial<Observed>>>
}

const WELL: Observed = { weight: 100, firstByte: undefined, failing: 0, cached: 0, headroom: undefined }

export function provider(id: string, more: Partial<Provider> = {}): Provider {
  return {
    ...defineProvider({ id, name: id, dialect: openaiChat, apiKeyEnv: settingKeyOf(id), baseUrl: `https://${id}.example` }),
    ...more,
  }
}

export const PRICE: Price = { input: 1_000_000, output: 2_000_000, snapshot: 'test' }

export function candidate(
  id: string,
  wireModel: string,
  more: Partial<Omit<Candidate, 'model'>> & { model?: Partial<CatalogModel> } = {},
): Candidate {
  const { model, ...rest } = more
  const listed: CatalogModel | undefined = model && { id: wireModel, capabilities: {}, lifecycle: 'active', endpoints: ['chat'], ...model }
  return {
    provider: provider(id),
    wireModel,
    price: PRICE,
    explicit: true,
    names: { tier: model?.tier, id: listed?.id, qualified: `${id}/${wireModel}` },
    ...rest,
    model: listed,
  }
}

export const ask = (more: Partial<Ask> = {}): Ask => ({
  endpoint: 'chat',
  model: 'acme/m',
  stream: false,
  needs: {},
  inputTokens: 10,
  leastTokens: 0,
  ...more,
})

export function callerOn(plan = 'team'): Caller {
  const tenant = { ...tenantNamed('brennan'), plan: planId(plan) }
  return { key: keyOf('tenant', { tenant: tenant.id }).key, tenant }
}

export function snapshot(scene: Scene = {}): Snapshot {
  const candidates = scene.candidates ?? [candidate('acme', 'm')]
  const source = {
    ...OPEN,
    ...scene.plan,
    id: planId('team'),
    writtenAt: new Proxy({}, { get: (_target, key) => `plans.yaml:14 team.${String(key)}` }),
  } as PlanSource
  const plans = compilePlans(scene.plan === null ? [] : [source])
  const resolution: Resolution = { candidates, ...(scene.rank && { rank: scene.rank }) }
  const seen = new Map(Object.entries(scene.seen ?? {}).map(([name, observed]) => [name, { ...WELL, ...observed }]))
  return {
    config: 'test',
    planOf: (tenant) => plans.rulesFor(tenant, 0),
    resolve: () => resolution,
    at: () => resolution,
    candidates: () => candidates,
    rank: createRanker(() => seen),
    narrowed: () => undefined,
    walk: (_tenant, { id, credential }) => walk(scene, id, credential === 'none'),
    trouble: ({ id }) => (scene.down?.includes(id) ? { code: 'provider_unavailable', reason: 'it is down' } : undefined),
    ailing: ({ provider, credential }) => (credential.source === scene.wellFor ? undefined : troubled(scene.ailing?.[provider.id])),
    keyLimits: () => undefined,
    limits: () => scene.limits?.('tenant'),
    meters: ({ offer }) => (offer.credential.source === 'platform' ? scene.limits?.('platform') : undefined),
  }
}

const troubled = (ailment: Ailment | undefined): Trouble | undefined =>
  ailment && { ailment, until: Date.UTC(2030, 0), code: 'upstream_error' }

function walk({ own = {}, platform = {} }: Scene, id: string, keyless: boolean): Walk {
  const name = settingKeyOf(id)
  const lookedFor: LookedFor[] = [
    { setting_key: name, via: 'canonical', found: id in own },
    { setting_key: settingKey(`${name}_OLD`), via: 'legacy', found: false },
    { setting_key: name, via: 'platform', found: id in platform },
  ]
  const key = (source: Credential['source'], state: Credential['state'] | undefined): Credential | undefined =>
    state && {
      source,
      settingKey: name,
      via: source === 'tenant' ? 'canonical' : 'platform',
      last4: '1234',
      fingerprint: 'abcdef01',
      state,
      secret: () => undefined,
    }
  const none: Credential = {
    source: 'none',
    settingKey: undefined,
    via: undefined,
    last4: undefined,
    fingerprint: undefined,
    state: 'usable',
    secret: () => undefined,
  }
  return {
    lookedFor,
    tenant: keyless ? undefined : key('tenant', own[providerId(id)]),
    platform: keyless ? none : key('platform', platform[providerId(id)]),
  }
}
