import { describe, expect, it } from 'vitest'
import type { Price } from '../../src/contract/catalog.ts'
import type { Decision, Metered } from '../../src/contract/decision.ts'
import { decide } from '../../src/decide.ts'
import { verdictOf } from '../../src/explain/verdict.ts'
import { ask, callerOn, candidate, PRICE, provider, type Scene, snapshot } from '../support/scene.ts'

const decided = (scene: Scene, more = {}): Decision => decide(callerOn(), ask(more), snapshot(scene))
/** What pays in order, or the code of the refusal. */
const outcome = (scene: Scene, more = {}): string[] | string => {
  const decision = decided(scene, more)
  const paying = decision.offers.map(({ provider, credential }) => `${provider.id} by ${credential.source}`)
  return paying.length > 0 ? paying : verdictOf(decision).code
}

const usable = 'usable'
const PRICES: Readonly<Record<string, Price>> = { acme: { ...PRICE, output: 90_000_000 }, beta: PRICE, zeta: PRICE }

describe('who pays', () => {
  it.each<[name: string, scene: Scene, paying: string[] | string]>([
    ["the tenant's own key", { own: { acme: usable } }, ['acme by tenant']],
    ['the platform, where the tenant has no key', { platform: { acme: usable } }, ['acme by platform']],
    ['the tenant alone, where both have a key', { own: { acme: usable }, platform: { acme: usable } }, ['acme by tenant']],
    [
      'the tenant first and the platform after it, under on_outage',
      { plan: { platform_keys: 'on_outage' }, own: { acme: usable }, platform: { acme: usable } },
      ['acme by tenant', 'acme by platform'],
    ],
    [
      'the platform under on_outage, where the tenant has no key',
      { plan: { platform_keys: 'on_outage' }, platform: { acme: usable } },
      ['acme by platform'],
    ],
    [
      'nobody, where the plan never spends platform keys',
      { plan: { platform_keys: 'never' }, platform: { acme: usable } },
      'credential_missing',
    ],
    ['nobody, where no key is anywhere', {}, 'credential_missing'],
    [
      'the platform, where the plan forbids own keys and the tenant has a row',
      { plan: { byok: { allowed: false, models: 'any', providers: ['*'] } }, own: { acme: usable }, platform: { acme: usable } },
      ['acme by platform'],
    ],
    [
      "the platform, where the plan's own keys are for another provider",
      { plan: { byok: { allowed: true, models: 'any', providers: ['other'] } }, own: { acme: usable }, platform: { acme: usable } },
      ['acme by platform'],
    ],
    ["never the platform because the tenant's key is bad", { own: { acme: 'invalid' }, platform: { acme: usable } }, 'credential_invalid'],
    [
      "never the platform because the tenant's key cannot be read",
      { own: { acme: 'unreadable' }, platform: { acme: usable } },
      'credential_unreadable',
    ],
    [
      "never the platform under on_outage because the tenant's key is bad",
      { plan: { platform_keys: 'on_outage' }, own: { acme: 'invalid' }, platform: { acme: usable } },
      'credential_invalid',
    ],
    [
      'another provider on the platform is not unlocked by a key for one',
      { own: { acme: usable }, candidates: [candidate('acme', 'm'), candidate('zeta', 'm')] },
      ['acme by tenant'],
    ],
    [
      'the tenant comes first over all candidates',
      { own: { zeta: usable }, platform: { acme: usable }, candidates: [candidate('acme', 'm'), candidate('zeta', 'm')] },
      ['zeta by tenant', 'acme by platform'],
    ],
    [
      'no key is needed for a self-hosted server',
      { candidates: [candidate('vllm', 'm', { provider: provider('vllm', { credential: 'none' }) })] },
      ['vllm by none'],
    ],
    [
      "a made-up key of a tenant's changes nothing there",
      { own: { vllm: usable }, candidates: [candidate('vllm', 'm', { provider: provider('vllm', { credential: 'none' }) })] },
      ['vllm by none'],
    ],
  ])('%s', (_name, scene, paying) => expect(outcome(scene)).toEqual(paying))

  it('never spends the platform where the caller says the tenant pays', () => {
    expect(outcome({ platform: { acme: usable } }, { pay: 'tenant' })).toBe('credential_missing')
    const keyless = { candidates: [candidate('vllm', 'm', { provider: provider('vllm', { credential: 'none' }) })] }
    expect(outcome(keyless, { pay: 'tenant' })).toBe('credential_missing')
  })
})

describe('what the plan says', () => {
  const premium = [candidate('acme', 'm', { model: { tier: 'premium' } })]
  it.each<[name: string, scene: Scene, paying: string[] | string]>([
    [
      "a tier that is not listed is refused on the platform's money",
      {
        plan: { models: ['economy'], byok: { allowed: false, models: 'any', providers: [] } },
        candidates: premium,
        platform: { acme: usable },
      },
      'model_not_in_plan',
    ],
    [
      'where an own key would do, the missing own key is the furthest stage, so it is what is told',
      { plan: { models: ['economy'] }, candidates: premium, platform: { acme: usable } },
      'credential_missing',
    ],
    [
      'and open to an own key under byok.models: any',
      { plan: { models: ['economy'] }, candidates: premium, own: { acme: usable } },
      ['acme by tenant'],
    ],
    [
      'and bound by the list under byok.models: plan',
      {
        plan: { models: ['economy'], byok: { allowed: true, models: 'plan', providers: ['*'] } },
        candidates: premium,
        own: { acme: usable },
      },
      'model_not_in_plan',
    ],
    [
      'an endpoint that is not listed is refused',
      { plan: { endpoints: ['embeddings'] }, platform: { acme: usable } },
      'endpoint_not_in_plan',
    ],
    [
      'a provider that is not listed is refused, own key or not',
      { plan: { providers: ['zeta'] }, own: { acme: usable } },
      'provider_not_in_plan',
    ],
    [
      "an unknown price is refused on the platform's money",
      { platform: { acme: usable }, candidates: [candidate('acme', 'm', { price: undefined })] },
      'price_unknown',
    ],
    [
      'and allowed where the plan says so',
      { plan: { unpriced: 'allow' }, platform: { acme: usable }, candidates: [candidate('acme', 'm', { price: undefined })] },
      ['acme by platform'],
    ],
    [
      'and no matter on an own key',
      { own: { acme: usable }, candidates: [candidate('acme', 'm', { price: undefined })] },
      ['acme by tenant'],
    ],
    ['a plan that no file defines is refused, not treated as another', { plan: null, platform: { acme: usable } }, 'plan_unknown'],
  ])('%s', (_name, scene, paying) => expect(outcome(scene)).toEqual(paying))
})

describe('what the model can do', () => {
  const deaf = (capabilities: object) =>
    ({ own: { acme: usable }, candidates: [candidate('acme', 'm', { model: { capabilities } })] }) as Scene
  it('refuses what is known to be missing, by name', () => {
    const decision = decided(deaf({ tools: false }), { needs: { tools: true } })
    expect(decision.rejected.find(({ code }) => code === 'capability_missing')?.detail).toEqual({ capability: 'tools' })
  })
  it('lets unknown capabilities pass', () =>
    expect(outcome(deaf({}), { needs: { tools: true, vision: true } })).toEqual(['acme by tenant']))
  it('refuses a prompt that certainly cannot fit', () => {
    const scene = { own: { acme: usable }, candidates: [candidate('acme', 'm', { model: { context: 100 } })] } as Scene
    expect([outcome(scene, { leastTokens: 101 }), outcome(scene, { leastTokens: 100 })]).toEqual(['context_too_long', ['acme by tenant']])
  })
})

describe('health and limits', () => {
  it('refuses a provider that cannot be called', () =>
    expect(outcome({ own: { acme: usable }, down: ['acme'] })).toBe('provider_unavailable'))
  it('asks the limits for the payer that would pay', () => {
    const refusal = { code: 'budget_exceeded', limit: 'budget', allowed: 1, used: 1 } as const
    const broke: Scene = { platform: { acme: usable }, limits: (payer) => (payer === 'platform' ? refusal : undefined) }
    expect([outcome(broke), outcome({ ...broke, own: { acme: usable } })]).toEqual(['budget_exceeded', ['acme by tenant']])
  })
  it('looks for what is cheap enough behind what costs more than is left, best first', () => {
    const dear = { code: 'budget_exceeded', limit: 'budget', allowed: '1 USD a day', used: '0 USD', needs: '2 USD' } as const
    const tiers = { acme: 'frontier', beta: 'premium', zeta: 'economy' } as const
    const candidates = Object.entries(tiers).map(([id, tier]) => candidate(id, 'm', { model: { tier }, price: PRICES[id] }))
    const scene: Scene = { candidates, rank: 'auto:best', own: { zeta: usable }, platform: { acme: usable, beta: usable } }
    const meters = ({ offer: { price } }: Metered) => (price === PRICES['acme'] ? dear : undefined)
    const world = { ...snapshot(scene), meters }
    const { offers, rejected } = decide(callerOn(), ask(), world)
    expect(offers.map((offer) => `${offer.provider.id} by ${offer.credential.source}`)).toEqual(['zeta by tenant', 'beta by platform'])
    expect(rejected.find(({ stage }) => stage === 'limits')?.candidate?.provider.id).toBe('acme')
  })
})

describe('enforcement: observe', () => {
  const scene: Scene = { plan: { models: [], enforcement: 'observe' }, platform: { acme: usable } }
  it('lets through what policy would refuse, and says what it was', () => {
    const [offer] = decided(scene).offers
    expect(offer?.observed?.code).toBe('model_not_in_plan')
  })
  it('still refuses without a key', () => expect(outcome({ ...scene, platform: {} })).toBe('credential_missing'))
})

describe('the verdict', () => {
  const two = [candidate('acme', 'm'), candidate('zeta', 'm', { model: { capabilities: { tools: false } } })]
  it('is the one code by which all candidates fell', () => expect(outcome({ candidates: two })).toBe('credential_missing'))
  it('is no_eligible_model with the status of the furthest stage where they fell by several', () => {
    const decision = decided({ candidates: two, own: { zeta: usable } }, { needs: { tools: true } })
    expect(verdictOf(decision)).toMatchObject({ code: 'no_eligible_model', status: 400, counts: { credential: 1, capability: 1 } })
  })
  it("answers 503 for the platform's bad key and 403 for the tenant's", () => {
    const status = (scene: Scene) => verdictOf(decided(scene)).status
    expect([status({ platform: { acme: 'invalid' } }), status({ own: { acme: 'invalid' } })]).toEqual([503, 403])
  })
})
