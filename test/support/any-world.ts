// Worlds drawn at random: catalogues, plans, keys of two tenants, health and asks, put together from the parts a gateway has.

import fc from 'fast-check'
import { createCatalog } from '../../src/catalog/catalog.ts'
import type { Caller } from '../../src/contract/caller.ts'
import type { ListedModel, OperatorRoute, RouteCandidate } from '../../src/contract/catalog.ts'
import type { Ask, Credential, Snapshot } from '../../src/contract/decision.ts'
import type { Plan } from '../../src/contract/plan.ts'
import type { Registry } from '../../src/contract/registry.ts'
import type { Ailment } from '../../src/contract/trouble.ts'
import { upperBound } from '../../src/ledger/cost.ts'
import { compileNarrowing } from '../../src/policy/plans.ts'
import { keyOf, tenantNamed } from './callers.ts'
import { ask, provider, type Scene, snapshot } from './scene.ts'

export interface AnyWorld {
  readonly snapshot: Snapshot
  readonly models: readonly ListedModel[]
  /** Providers whose offers are in trouble. */
  readonly ailing: readonly string[]
}

export interface AnyRequest {
  readonly caller: Caller
  readonly ask: Ask
}

const PROVIDERS = ['acme', 'beta', 'gamma', 'local'] as const
const TIERS = ['economy', 'standard', 'premium', 'frontier'] as const
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })

const anyPrice = optional(fc.record({ input: fc.nat(30_000_000), output: fc.nat(90_000_000), cacheRead: optional(fc.nat(1_000_000)) }))

const anyModel = fc.record({
  tier: optional(fc.constantFrom(...TIERS)),
  capabilities: fc.record({ tools: optional(fc.boolean()), vision: optional(fc.boolean()) }),
  context: optional(fc.constantFrom(1_000, 100_000)),
  endpoints: fc.constantFrom(['chat'] as const, ['chat', 'responses'] as const, ['embeddings'] as const),
  lifecycle: fc.constantFrom('active' as const, 'active' as const, 'deprecated' as const),
  auto: fc.constantFrom(undefined, undefined, false as const),
  offers: fc.uniqueArray(fc.record({ provider: fc.constantFrom(...PROVIDERS), price: anyPrice }), {
    selector: (offer) => offer.provider,
    maxLength: 4,
  }),
})

const anyPlan: fc.Arbitrary<Scene['plan']> = fc.option(
  fc.record({
    models: fc.subarray([...TIERS, '*', '!beta/*', 'model-1', 'gamma/*']),
    endpoints: fc.constantFrom(['*'], ['chat'], ['!embeddings', '*']),
    providers: fc.constantFrom(['*'], ['acme', 'beta'], ['*', '!gamma']),
    byok: fc.record({
      allowed: fc.boolean(),
      models: fc.constantFrom<Plan['byok']['models']>('any', 'plan'),
      providers: fc.constantFrom(['*'], ['beta']),
    }),
    platform_keys: fc.constantFrom<Plan['platform_keys']>('never', 'on_missing', 'on_outage'),
    unpriced: fc.constantFrom<Plan['unpriced']>('refuse', 'allow'),
    failover: fc.record({ other_provider: fc.boolean() }),
    enforcement: fc.constantFrom<Plan['enforcement']>('on', 'on', 'observe'),
  }),
  { nil: null, freq: 20 },
)

const state = fc.constantFrom<Credential['state']>('usable', 'usable', 'invalid', 'unreadable')
const anyKeys = fc.dictionary(fc.constantFrom(...PROVIDERS), state)
const share = fc.double({ min: 0, max: 1, noNaN: true })

const anyParts = fc.record({
  models: fc.array(anyModel, { minLength: 1, maxLength: 20 }),
  plan: anyPlan,
  ...{ own: anyKeys, other: anyKeys, platform: anyKeys },
  down: fc.subarray([...PROVIDERS], { maxLength: 2 }),
  ailing: fc.dictionary(fc.constantFrom(...PROVIDERS), fc.constantFrom<Ailment>('outage', 'busy', 'key'), { maxKeys: 2 }),
  full: fc.constantFrom(undefined, undefined, undefined, 'tenant' as const, 'platform' as const),
  // Nano-dollars left of the budget.
  left: fc.constantFrom(undefined, undefined, 1_000_000, 100_000_000, 250_000_000),
  seen: fc.array(fc.record({ at: fc.nat(47), failing: share, cached: share, firstByte: fc.nat(9_000) }), { maxLength: 6 }),
})

export const anyWorld: fc.Arbitrary<AnyWorld> = anyParts.map(worldOf)

const leg = (number: number, more: Partial<RouteCandidate> = {}): RouteCandidate => {
  return { model: `model-${number}`, writtenAt: `models.yaml:${number}`, ...more }
}

const ROUTES: Readonly<Record<string, OperatorRoute>> = {
  plain: { candidates: [leg(0), leg(1), leg(2)] },
  mixed: { candidates: [leg(3, { when: { headers: { x: ['1'] } } }), leg(4), leg(5, { when: { plans: ['pro'] } })] },
  ranked: { rank: 'auto', candidates: [leg(0), leg(1, { when: { inputTokens: { below: 4_000 } } }), leg(2), leg(6), leg(7)] },
  drawn: { sticky: true, candidates: [leg(0, { weight: 3 }), leg(1, { weight: 1 }), leg(2)] },
}

const anyAsk = (models: readonly string[]) =>
  fc.record({
    model: fc.constantFrom('auto', 'auto:cheap', 'auto:fast', 'auto:best', 'nobody-knows', 'other', ...Object.keys(ROUTES), ...models),
    needs: fc.constantFrom({}, { tools: true }, { vision: true }, { tools: true, vision: true }),
    inputTokens: fc.constantFrom(10, 5_000, 250_000),
    leastTokens: fc.constantFrom(0, 0, 5_000),
    pay: fc.constantFrom(undefined, undefined, 'tenant' as const),
    responses: fc.boolean(),
    traits: fc.record({
      headers: fc.constantFrom<Record<string, string>>({}, { x: '1' }),
      metadata: fc.constant({}),
      session: optional(fc.string()),
      seed: fc.string(),
    }),
  })

/** Requests of two tenants on one plan, some by a key that is narrowed. */
export const anyRequests = (): fc.Arbitrary<readonly AnyRequest[]> => {
  const names = Array.from({ length: 12 }, (_, at) => `model-${at}`)
  const asks = anyAsk([...names, ...PROVIDERS.map((id) => `${id}/model-1`), 'acme/unlisted'])
  const one = fc.record({ drawn: asks, who: fc.constantFrom('brennan', 'zed'), narrow: fc.constantFrom(false, false, true) })
  return fc.array(one, { minLength: 1, maxLength: 6 }).map((all) =>
    all.map(({ drawn: { responses, ...drawn }, who, narrow }) => ({
      caller: { tenant: tenantNamed(who), key: narrow ? NARROW : WIDE },
      ask: ask({ ...drawn, endpoint: responses ? 'responses' : 'chat' }),
    })),
  )
}

const TOO_DEAR = {
  code: 'budget_exceeded',
  limit: 'budget',
  allowed: '1 USD a day',
  used: '0.9 USD',
  left: '0.1 USD',
  needs: '2 USD',
} as const

const WIDE = keyOf('tenant').key
const NARROW = keyOf('tenant', { models: ['economy', 'model-2'] }).key
const narrowing = compileNarrowing(NARROW)

const providers = PROVIDERS.map((id) => provider(id, id === 'local' ? { credential: 'none' } : {}))

const registry: Registry = {
  providers,
  get: (id) => providers.find((one) => one.id === id),
  lookup: (id) => {
    const found = providers.find((one) => one.id === id)
    return found && { provider: found, legacy: false }
  },
  ...{ steps: () => [], platformNames: () => [], groupOf: () => undefined, releasedIds: [] },
}

type AnyParts = typeof anyParts extends fc.Arbitrary<infer Value> ? Value : never

function worldOf(parts: AnyParts): AnyWorld {
  const models = parts.models.map((model, number): ListedModel => {
    const { auto, offers, ...rest } = model
    const id = `model-${number}`
    return { ...rest, id, ...(auto === false && { auto }), offers: offers.map((offer) => ({ ...offer, wireModel: id })) }
  })
  return { snapshot: snapshotOf(parts, models), models, ailing: Object.keys(parts.ailing) }
}

function snapshotOf(parts: AnyParts, models: readonly ListedModel[]): Snapshot {
  const { plan, own, other, platform, down, ailing, full, left } = parts
  const catalog = createCatalog({
    registry,
    embedded: { snapshot: 'drawn', models },
    operator: { aliases: { other: 'mixed' }, routes: ROUTES, models: {} },
  })
  const seen = Object.fromEntries(parts.seen.map(({ at, ...shown }) => [`${PROVIDERS[at % 4]}/model-${Math.floor(at / 4)}`, shown]))
  const refusal = { code: 'rate_limit_exceeded', limit: 'rpm', allowed: 1, used: 1, retryAfter: 3 } as const
  const limits: Scene['limits'] = (payer) => (payer === full ? refusal : undefined)
  const scene: Scene = { plan: plan ?? null, platform, down, ailing, seen, limits }
  const [brennan, zed] = [snapshot({ ...scene, own }), snapshot({ ...scene, own: other })]
  return {
    ...brennan,
    resolve: (name) => catalog.resolve(name),
    at: (name) => catalog.at(name),
    candidates: () => catalog.candidates(),
    meters: (asked) =>
      left !== undefined && asked.offer.credential.source === 'platform' && upperBound(asked.offer.price, asked.ask) > left
        ? TOO_DEAR
        : brennan.meters(asked),
    walk: (tenant, to) => (tenant.slug === 'zed' ? zed : brennan).walk(tenant, to),
    narrowed: (key) => (key === NARROW ? narrowing : undefined),
  }
}
