import { describe, expect, it } from 'vitest'
import { decide } from '../../src/decide.ts'
import { judged } from '../../src/failover/fallback.ts'
import { ask, callerOn, candidate, type Scene, snapshot } from '../support/scene.ts'

const caller = callerOn()
const own = (more = {}) => ask({ endpoint: 'passthrough', model: 'acme/*', at: { provider: 'acme' }, ...more })
const whole = candidate('acme', '*')
const outcome = (scene: Scene, asked = own()) => {
  const { offers, rejected } = decide(caller, asked, snapshot({ candidates: [whole], ...scene }))
  return offers.length > 0 ? offers.map(({ credential }) => credential.source) : rejected.map(({ payer, code }) => `${payer} ${code}`)
}

describe('a provider’s own API', () => {
  it('is opened by the tenant’s own key, and by no other unless the plan says so', () => {
    expect(outcome({ own: { acme: 'usable' }, platform: { acme: 'usable' } })).toEqual(['tenant'])
    expect(outcome({ platform: { acme: 'usable' } })).toEqual(['tenant credential_missing'])
    expect(outcome({ own: { acme: 'invalid' }, platform: { acme: 'usable' }, plan: { platform_keys: 'on_outage' } })).toEqual([
      'tenant credential_invalid',
    ])
    expect(outcome({ platform: { acme: 'usable' }, plan: { passthrough: 'any_keys' } })).toEqual(['platform'])
  })

  it('stays closed whatever a plan only observes', () => {
    const scene: Scene = {
      platform: { acme: 'usable' },
      plan: { enforcement: 'observe', byok: { allowed: false, models: 'any', providers: ['*'] } },
    }
    expect(outcome(scene)).toEqual(['tenant credential_missing'])
    const keyless = { ...whole, provider: { ...whole.provider, credential: 'none' as const } }
    expect(outcome({ ...scene, candidates: [keyless] })).toEqual(['none credential_missing'])
  })

  it('as a whole is in no list of single models, and in one of all that the provider has', () => {
    const plan = (models: readonly string[]): Scene => ({
      own: { acme: 'usable' },
      plan: { models, byok: { allowed: true, models: 'plan', providers: ['*'] } },
    })
    expect(outcome(plan(['economy', 'acme/m', 'acme/m*']))).toEqual(['tenant model_not_in_plan'])
    expect(outcome(plan(['acme/*']))).toEqual(['tenant'])
  })

  it('has nobody to stand in for it', () => {
    const plan: Scene['plan'] = { fallback: [{ on: 'outage', to: 'beta/m', pay: 'platform' }] }
    const scene: Scene = { own: { acme: 'usable' }, platform: { beta: 'usable' }, down: ['acme'], plan }
    const world = {
      ...snapshot({ candidates: [whole], ...scene }),
      resolve: () => ({ candidates: [candidate('beta', 'm', { price: { input: 1, output: 1, snapshot: 'test' } })] }),
    }
    expect(judged({ caller, ask: own(), snapshot: world }, decide)).toMatchObject({ fallback: undefined, decision: { offers: [] } })
    const chat = judged(
      {
        caller,
        ask: ask(),
        snapshot: {
          ...world,
          resolve: (name) => ({
            candidates:
              name === 'beta/m' ? [candidate('beta', 'm', { explicit: false })] : [{ ...candidate('acme', 'm'), explicit: false }],
          }),
        },
      },
      decide,
    )
    expect(chat.fallback, 'where a chat has somebody').toBe('outage')
  })
})

describe('what a provider keeps', () => {
  const kept = (keeper?: { provider: string; source: 'tenant' | 'platform' }) => ({
    kept: { id: 'resp_1', keeper: keeper && { ...keeper, fingerprint: undefined } },
  })
  const keeping = (id: string, explicit = true) => {
    const made = candidate(id, 'm', { explicit })
    return { ...made, provider: { ...made.provider, also: [{ dialect: { ...made.provider.dialect, keeps: true as const } }] } }
  }
  const sources = (scene: Scene, more: object) => {
    const { offers, rejected } = decide(caller, ask(more), snapshot(scene))
    return offers.length > 0
      ? offers.map(({ provider, credential }) => `${provider.id} ${credential.source}`)
      : rejected.map(({ code }) => code)
  }
  const candidates = [keeping('acme', false), keeping('beta', false)]
  const both = { acme: 'usable', beta: 'usable' } as const

  it('is gone on from where it lies, with whom and under whose key', () => {
    expect(sources({ candidates, platform: both }, kept({ provider: 'beta', source: 'platform' }))).toEqual(['beta platform'])
    expect(sources({ candidates, own: both }, kept({ provider: 'beta', source: 'tenant' }))).toEqual(['beta tenant'])
    expect(sources({ candidates, own: both }, kept({ provider: 'beta', source: 'platform' }))).toEqual([
      'response_not_found',
      'response_not_found',
    ])
  })

  it('and nobody here knows of may lie in an account of the tenant’s own, and in no other', () => {
    expect(sources({ candidates, own: both }, kept())).toEqual(['acme tenant', 'beta tenant'])
    expect(sources({ candidates, platform: both }, kept())).toEqual(expect.arrayContaining(['response_not_found']))
    expect(sources({ candidates, platform: both, plan: { enforcement: 'observe' } }, kept())).toEqual(
      expect.arrayContaining(['response_not_found']),
    )
  })

  it('later is not begun on the platform’s money', () => {
    expect(sources({ candidates, platform: both }, { background: true })).toEqual(expect.arrayContaining(['unsupported_parameter']))
    expect(sources({ candidates, own: both }, { background: true })).toEqual(['acme tenant', 'beta tenant'])
  })
})
