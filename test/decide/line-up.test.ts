import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Credential, Offer } from '../../src/contract/decision.ts'
import { decide } from '../../src/decide.ts'
import { drawn } from '../../src/failover/draw.ts'
import { ask, callerOn, candidate, provider, type Scene, snapshot } from '../support/scene.ts'

const [acme, other] = [provider('acme'), provider('other')]
const two = [candidate('acme', 'm', { provider: acme, explicit: false }), candidate('other', 'm', { provider: other, explicit: false })]
const both = { acme: 'usable', other: 'usable' } as const

function lined(scene: Scene): { offers: string[]; passedOver: string[] } {
  const { offers, rejected } = decide(callerOn(), ask(), snapshot({ candidates: two, ...scene }))
  return {
    offers: offers.map(({ provider: { id }, credential }) => `${id} by ${credential.source}`),
    passedOver: rejected.filter(({ stage }) => stage === 'health').map(({ candidate: of, payer }) => `${of?.provider.id} by ${payer}`),
  }
}

describe('an offer in trouble', () => {
  it('is passed over for another that may stand in, and named', () => {
    expect(lined({ own: both, ailing: { acme: 'outage' } })).toEqual({ offers: ['other by tenant'], passedOver: ['acme by tenant'] })
  })

  it('is tried all the same where it is the last, or all are in trouble', () => {
    expect(lined({ own: { acme: 'usable' }, ailing: { acme: 'outage' } }).offers).toEqual(['acme by tenant'])
    const all = lined({ own: both, ailing: { acme: 'outage', other: 'busy' } })
    expect(all).toEqual({ offers: ['acme by tenant', 'other by tenant'], passedOver: [] })
  })

  it('is not passed over for another provider where the plan keeps to one', () => {
    const scene: Scene = { plan: { failover: { other_provider: false } }, own: both, ailing: { acme: 'outage' } }
    expect(lined(scene).offers).toEqual(['acme by tenant', 'other by tenant'])
  })

  it.each([
    ['an outage', 'outage', ['acme by platform']],
    ['being busy', 'busy', ['acme by tenant', 'acme by platform']],
    ['a bad key', 'key', ['acme by tenant', 'acme by platform']],
  ] as const)("leads from a tenant's money to the platform's under on_outage only by an outage: %s", (_, ailment, offers) => {
    const scene: Scene = {
      plan: { platform_keys: 'on_outage' },
      candidates: two.slice(0, 1),
      own: { acme: 'usable' },
      platform: { acme: 'usable' },
      ailing: { acme: ailment },
      wellFor: 'platform',
    }
    expect(lined(scene).offers).toEqual(offers)
  })

  it('leads to no other vendor because a key is bad', () => {
    expect(lined({ own: both, ailing: { acme: 'key' } }).offers).toEqual(['acme by tenant', 'other by tenant'])
  })
})

describe('a draw among keys', () => {
  const key = (weight: number, name: string): Credential => ({
    source: 'tenant',
    settingKey: undefined,
    via: 'canonical',
    last4: name,
    fingerprint: name,
    state: 'usable',
    secret: () => undefined,
    share: { weight },
  })
  const offerOf = (credential: Credential, of = two[0]!): Offer => ({
    ...of,
    credential,
    walk: { lookedFor: [], tenant: undefined, platform: undefined },
    observed: undefined,
  })

  it('gives each first place as often as its weight has it', () => {
    const pool = [offerOf(key(1, 'a')), offerOf(key(3, 'b')), offerOf(key(6, 'c'))]
    let state = 7
    const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
    const firsts = Array.from({ length: 20_000 }, () => drawn(pool, random)[0]?.credential.fingerprint)
    const share = (name: string) => firsts.filter((first) => first === name).length / firsts.length
    expect(share('a')).toBeCloseTo(0.1, 1)
    expect(share('b')).toBeCloseTo(0.3, 1)
    expect(share('c')).toBeCloseTo(0.6, 1)
  })

  it('changes places only within a pool, and loses nobody', () => {
    const one = [offerOf(key(1, 'a')), offerOf(key(1, 'b')), offerOf(key(1, 'c'))]
    const line = [...one, offerOf(key(1, 'x'), two[1]), ...one.slice(0, 1).map((offer) => ({ ...offer, wireModel: 'n' }))]
    fc.assert(
      fc.property(fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (stream) => {
        const made = drawn(line, () => stream.next().value)
        expect(new Set(made)).toEqual(new Set(line))
        expect(made.slice(3)).toEqual(line.slice(3))
      }),
    )
  })

  it('is none where there is no pool: the very list', () => {
    const line = [offerOf(key(1, 'a')), offerOf(key(1, 'b'), two[1])]
    expect(drawn(line, () => 0.5)).toBe(line)
  })
})
