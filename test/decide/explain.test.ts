import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Candidate } from '../../src/contract/catalog.ts'
import type { Credential } from '../../src/contract/decision.ts'
import { decide } from '../../src/decide.ts'
import { explain, keySource, refusal } from '../../src/explain/explain.ts'
import { ask, callerOn, candidate, type Scene, snapshot } from '../support/scene.ts'

const caller = callerOn()
const told = (scene: Scene, more = {}, audience: 'none' | 'basic' | 'full' = 'full') => {
  const asked = ask(more)
  const decision = decide(caller, asked, snapshot(scene))
  return { decision, explanation: explain(decision, { caller, ask: asked, config: 'test', audience, limits: {} }), asked }
}

describe('an explanation', () => {
  it('says which plan lets whom use what with which key, and where it was looked for', () => {
    const { explanation } = told({ own: {} })
    expect(explanation).toMatchObject({
      verdict: 'refused',
      status: 403,
      code: 'credential_missing',
      because: 'Plan team lets brennan use acme/m with its own key, but no key for acme is stored, and the platform has none either.',
      fix: 'tollgate provider-keys set brennan acme',
      rule: 'plans.yaml:14 team.byok',
      plan: 'team',
      offers: [],
    })
    expect(explanation.looked_for.map(({ setting_key, via, found }) => `${setting_key} ${via} ${found}`)).toEqual([
      'ACME_API_KEY canonical false',
      'ACME_API_KEY_OLD legacy false',
      'ACME_API_KEY platform false',
    ])
  })

  it('names the key that pays when it is allowed', () => {
    const { explanation } = told({ own: { acme: 'usable' } })
    expect(explanation).toMatchObject({ verdict: 'allowed', status: 200, code: null, offers: [{ name: 'acme/m', key_source: 'tenant' }] })
    expect(explanation.because).toBe('Plan team lets brennan use acme/m; its own key (ACME_API_KEY, tenant) pays.')
  })

  it('shows a tenant no more than its plan exposes', () => {
    const shown = (audience: 'none' | 'basic' | 'full', scene: Scene) => told(scene, {}, audience).explanation.offers[0]
    const platform: Scene = { platform: { acme: 'usable' } }
    expect(shown('basic', platform)).toMatchObject({ credential: { source: 'platform', setting_key: null, last4: null } })
    expect(shown('full', platform)).toMatchObject({ credential: { setting_key: 'ACME_API_KEY', last4: '1234' } })
    expect(shown('none', { own: { acme: 'usable' } })).toMatchObject({ credential: { setting_key: 'ACME_API_KEY', last4: null } })
    expect(shown('none', platform)).not.toHaveProperty('price')
  })
})

const state = fc.constantFrom<Credential['state'] | undefined>(undefined, 'usable', 'invalid', 'unreadable')
const TIERS = ['economy', 'standard', 'premium', 'frontier'] as const

const anyCandidate = (id: string): fc.Arbitrary<Candidate> =>
  fc
    .record({
      tier: fc.option(fc.constantFrom(...TIERS), { nil: undefined }),
      tools: fc.option(fc.boolean(), { nil: undefined }),
      priced: fc.boolean(),
      keyless: fc.boolean(),
    })
    .map(({ tier, tools, priced, keyless }) => {
      const made = candidate(id, 'm', {
        model: { ...(tier && { tier }), capabilities: tools === undefined ? {} : { tools } },
        ...(!priced && { price: undefined }),
      })
      return keyless ? { ...made, provider: { ...made.provider, credential: 'none' as const } } : made
    })

const anyScene: fc.Arbitrary<Scene> = fc
  .record({
    candidates: fc
      .tuple(anyCandidate('acme'), anyCandidate('beta'), anyCandidate('zeta'))
      .chain((all) => fc.subarray(all, { minLength: 1 })),
    own: fc.dictionary(fc.constantFrom('acme', 'beta', 'zeta'), state),
    platform: fc.dictionary(fc.constantFrom('acme', 'beta', 'zeta'), state),
    down: fc.subarray(['acme', 'beta', 'zeta']),
    plan: fc.option(
      fc.record({
        models: fc.subarray([...TIERS, '!zeta/*', '*']),
        providers: fc.constantFrom(['*'], ['acme'], ['*', '!beta']),
        byok: fc.record({
          allowed: fc.boolean(),
          models: fc.constantFrom('any' as const, 'plan' as const),
          providers: fc.constantFrom(['*'], ['beta']),
        }),
        platform_keys: fc.constantFrom('never' as const, 'on_missing' as const, 'on_outage' as const),
        unpriced: fc.constantFrom('refuse' as const, 'allow' as const),
        enforcement: fc.constantFrom('on' as const, 'observe' as const),
      }),
      { nil: null, freq: 10 },
    ),
  })
  .map(({ own, platform, ...scene }) => ({ ...scene, own: present(own), platform: present(platform) }))

const present = (keys: Record<string, Credential['state'] | undefined>): Record<string, Credential['state']> =>
  Object.fromEntries(Object.entries(keys).filter((entry): entry is [string, Credential['state']] => entry[1] !== undefined))

const anyAsk = fc.record({ needs: fc.constantFrom({}, { tools: true }), pay: fc.constantFrom(undefined, 'tenant' as const) })

describe('any decision', () => {
  it('accounts for every candidate: each is offered or rejected with a reason', () => {
    fc.assert(
      fc.property(anyScene, anyAsk, (scene, more) => {
        const { decision } = told(scene, more)
        if (!decision.plan) {
          expect(decision.rejected.map(({ code }) => code)).toEqual(['plan_unknown'])
          return
        }
        for (const { names, provider } of scene.candidates ?? []) {
          const offered = decision.offers.some((offer) => offer.provider === provider)
          const rejected = decision.rejected.some(({ candidate }) => candidate?.provider === provider)
          expect(offered || rejected, `${names.qualified} vanished unsaid`).toBe(true)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('offers only what passes every rule when it is judged alone, and a loser never changes the winner', () => {
    fc.assert(
      fc.property(anyScene, anyAsk, (scene, more) => {
        const { decision } = told(scene, more)
        for (const offer of decision.offers) {
          const alone = told(
            { ...scene, candidates: (scene.candidates ?? []).filter(({ provider }) => provider === offer.provider) },
            more,
          ).decision
          expect(alone.offers.map(({ credential }) => keySource(credential))).toContain(keySource(offer.credential))
        }
        const [winner] = decision.offers
        const losers = (scene.candidates ?? []).filter(({ provider }) => provider !== winner?.provider)
        for (const loser of losers) {
          const without = told({ ...scene, candidates: (scene.candidates ?? []).filter((other) => other !== loser) }, more).decision
          if (winner) expect(without.offers[0]?.provider.id).toBe(winner.provider.id)
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('is told in whole sentences, and the call and its explanation agree', () => {
    fc.assert(
      fc.property(anyScene, anyAsk, (scene, more) => {
        const { decision, explanation, asked } = told(scene, more)
        const text = JSON.stringify(explanation)
        expect(text).not.toMatch(/undefined|\[object|No models available/)
        expect(explanation.because).toMatch(/^\S.*\.$/)
        expect(explanation.verdict).toBe(decision.offers.length > 0 ? 'allowed' : 'refused')
        if (explanation.verdict === 'allowed') return
        const error = refusal(decision, { caller, ask: asked, config: 'test', audience: 'full', limits: {} })
        expect([error.code, error.status, error.message]).toEqual([
          explanation.code,
          explanation.status,
          `${explanation.because} ${explanation.fix}`,
        ])
      }),
      { numRuns: 2_000 },
    )
  })

  it('comes out the same for the same question, in the same order', () => {
    fc.assert(
      fc.property(anyScene, anyAsk, (scene, more) => {
        expect(JSON.stringify(told(scene, more).explanation)).toBe(JSON.stringify(told(scene, more).explanation))
      }),
    )
  })
})
