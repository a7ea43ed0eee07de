import { describe, expect, it } from 'vitest'
import type { Credential, Offer } from '../../src/contract/decision.ts'
import type { Failing } from '../../src/contract/health.ts'
import { createOfferHealth } from '../../src/policy/offer-health.ts'
import { candidate } from '../support/scene.ts'

const SECOND = 1_000
const DOWN: Failing = { ailment: 'outage', code: 'upstream_unreachable', tenant: undefined }
const BUSY: Failing = { ailment: 'busy', code: 'upstream_error', tenant: undefined }

const credential = (fingerprint: string): Credential => ({
  source: 'platform',
  settingKey: undefined,
  via: 'platform',
  last4: '1234',
  fingerprint,
  state: 'usable',
  secret: () => undefined,
})

const offerOf = (model = 'm', fingerprint = 'aaaaaaaa'): Offer => ({
  ...candidate('acme', model),
  credential: credential(fingerprint),
  walk: { lookedFor: [], tenant: undefined, platform: undefined },
  observed: undefined,
})

function ward() {
  const clock = { now: 1_000_000 }
  const health = createOfferHealth({ now: () => clock.now, random: () => 0 })
  const fail = (times: number, offer = offerOf(), failing = DOWN) => {
    for (let at = 0; at < times; at++) health.failed(offer, failing)
  }
  return { clock, health, fail }
}

describe('a breaker', () => {
  it('opens for half a minute after five failures in a row, and not after four', () => {
    const { health, fail, clock } = ward()
    fail(4)
    expect(health.trouble(offerOf())).toBeUndefined()
    fail(1)
    expect(health.trouble(offerOf())).toEqual({ ailment: 'outage', code: 'upstream_unreachable', until: clock.now + 30 * SECOND })
  })

  it('opens where two of five calls fail, of at least twenty within ten seconds', () => {
    const { health } = ward()
    const offer = offerOf()
    let calls = 0
    for (; calls < 100 && !health.trouble(offer); calls++) {
      if (calls % 5 < 2) health.failed(offer, DOWN)
      else health.succeeded(offer)
    }
    expect(calls).toBeGreaterThanOrEqual(20)
    expect(calls).toBeLessThan(30)
  })

  it('stays closed where one of five fails', () => {
    const { health } = ward()
    const offer = offerOf()
    for (let calls = 0; calls < 1_000; calls++) {
      if (calls % 5 === 0) health.failed(offer, DOWN)
      else health.succeeded(offer)
    }
    expect(health.trouble(offer)).toBeUndefined()
  })

  it('forgets failures that lie further apart than ten seconds', () => {
    const { health, fail, clock } = ward()
    for (let times = 0; times < 20; times++) {
      fail(1)
      clock.now += 11 * SECOND
    }
    expect(health.trouble(offerOf())).toBeUndefined()
  })

  it('is of one model with one key of one provider', () => {
    const { health, fail } = ward()
    fail(5)
    expect([offerOf('other'), offerOf('m', 'bbbbbbbb')].map((offer) => health.trouble(offer))).toEqual([undefined, undefined])
  })

  it('lets one request find out when its time is over; a good answer closes it', () => {
    const { health, fail, clock } = ward()
    fail(5)
    clock.now += 30 * SECOND
    expect(health.trouble(offerOf()), 'the one that finds out').toBeUndefined()
    health.enter(offerOf())
    expect(health.trouble(offerOf()), 'all others meanwhile').toBeDefined()
    health.succeeded(offerOf())
    expect(health.trouble(offerOf())).toBeUndefined()
  })

  it('is open longer each time that finding out fails, five minutes at most', () => {
    const { health, fail, clock } = ward()
    fail(5)
    const open = Array.from({ length: 12 }, () => {
      const { until = 0 } = health.trouble(offerOf()) ?? {}
      const lasted = (until - clock.now) / SECOND
      clock.now = until
      health.enter(offerOf())
      fail(1)
      return lasted
    })
    expect(open).toEqual([30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300, 300])
  })

  it('lets another one find out where the first does not come back', () => {
    const { health, fail, clock } = ward()
    fail(5)
    clock.now += 30 * SECOND
    health.enter(offerOf())
    clock.now += 10 * SECOND
    expect(health.trouble(offerOf())).toBeUndefined()
  })

  it('learns nothing from requests that were under way when it opened', () => {
    const { health, fail, clock } = ward()
    fail(5)
    health.succeeded(offerOf())
    fail(20)
    expect(health.trouble(offerOf())?.until).toBe(clock.now + 30 * SECOND)
  })
})

describe('a provider that asks for patience', () => {
  it('gets as much as it says, or five seconds, and is not found down for it', () => {
    const { health, fail, clock } = ward()
    fail(30, offerOf('a'), BUSY)
    fail(1, offerOf('b'), { ...BUSY, retryAfter: 17 })
    expect(['a', 'b'].map((model) => health.trouble(offerOf(model))?.until)).toEqual([clock.now + 5 * SECOND, clock.now + 17 * SECOND])
    clock.now += 5 * SECOND
    expect(health.trouble(offerOf('a'))).toBeUndefined()
    expect(health.report().map(({ state }) => state)).toEqual(['cooling', 'failing'])
  })
})

describe('the report', () => {
  it('tells by provider and key what is passed over, and nothing of what was quiet for ten minutes', () => {
    const { health, fail, clock } = ward()
    fail(5, offerOf('a'))
    fail(5, offerOf('b'))
    fail(1, offerOf('c', 'bbbbbbbb'))
    expect(health.report()).toMatchObject([
      { provider: 'acme', fingerprint: 'aaaaaaaa', state: 'down', models: ['a', 'b'], code: 'upstream_unreachable', last4: '1234' },
      { provider: 'acme', fingerprint: 'bbbbbbbb', state: 'failing', models: ['c'], until: undefined },
    ])
    clock.now += 601 * SECOND
    expect(health.report()).toEqual([])
  })

  it('keeps a bounded memory, however many models callers name', () => {
    const { health, fail } = ward()
    for (let at = 0; at < 10_050; at++) fail(1, offerOf(`m-${at}`))
    expect(health.report().flatMap(({ models }) => models)).toHaveLength(10_000)
  })
})
