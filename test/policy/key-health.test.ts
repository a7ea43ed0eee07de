import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KeyRef } from '../../src/contract/health.ts'
import { tenantId } from '../../src/contract/ids.ts'
import { type AuthIncident, createKeyHealth } from '../../src/policy/key-health.ts'
import { providerOf } from '../support/shipped.ts'

const SECOND = 1_000
const MINUTE = 60_000
const keyOf = (name: string, provider = 'minimax'): KeyRef => ({
  provider: providerOf(provider),
  tenant: tenantId(`t_${name}`),
  fingerprint: name,
})

function clinic() {
  const clock = { now: 0 }
  const incidents: AuthIncident[] = []
  const health = createKeyHealth({ now: () => clock.now, onIncident: (event) => incidents.push(event) })
  const at = (now: number, act: () => void): void => {
    clock.now = now
    act()
  }
  /** Two refusals, 5 s apart, ending at `now`. */
  const refuse = (key: KeyRef, now: number): void => {
    at(now - 5 * SECOND, () => health.refused(key, 'bad key'))
    at(now, () => health.refused(key, 'bad key'))
  }
  return { health, incidents, at, refuse }
}

describe('a key', () => {
  const key = keyOf('a')

  it('is invalid after two refusals at least five seconds apart, and not before', () => {
    const { health, at } = clinic()
    const seen = [0, 1, 4_999, 5_000].map((now) => {
      at(now, () => health.refused(key, 'invalid api key'))
      return health.isInvalid(key)
    })
    expect(seen).toEqual([false, false, false, true])
    expect(health.words(key)).toBe('invalid api key')
  })

  it('is not invalid when a good answer came between', () => {
    const { health, at } = clinic()
    at(0, () => health.refused(key, 'bad key'))
    at(3 * SECOND, () => health.accepted(key))
    at(6 * SECOND, () => health.refused(key, 'bad key'))
    expect(health.isInvalid(key)).toBe(false)
  })

  it.each<[string, (health: ReturnType<typeof clinic>['health']) => void]>([
    ['a good answer', (health) => health.accepted(key)],
    ['a good probe', (health) => health.probed(key, true)],
    ["a change of the tenant's rows", (health) => health.forget(tenantId('t_a'))],
  ])('is cleared by %s, and is not suspect afterwards', (_, clear) => {
    const { health, at, refuse } = clinic()
    refuse(key, 10 * SECOND)
    clear(health)
    at(20 * SECOND, () => health.refused(key, 'bad key'))
    expect([health.isInvalid(key), health.due()]).toEqual([false, []])
  })

  it('is probed after 1, 5, 15, then every 60 minutes, each time once', () => {
    const { health, at, refuse } = clinic()
    refuse(key, 0)
    const probes: number[] = []
    for (let minute = 0; minute <= 210; minute++)
      at(minute * MINUTE, () => {
        for (const due of health.due()) {
          probes.push(minute)
          health.probed(due, false)
        }
      })
    expect(probes).toEqual([1, 6, 21, 81, 141, 201])
    expect(health.isInvalid(key)).toBe(true)
  })

  it('is one at one provider and for one tenant', () => {
    const { health, refuse } = clinic()
    refuse(key, 0)
    const others = [keyOf('a', 'openai'), { ...key, tenant: tenantId('t_b') }, { ...key, tenant: undefined }, { ...key, fingerprint: 'b' }]
    expect(others.map((other) => health.isInvalid(other))).toEqual([false, false, false, false])
  })
})

describe('many keys at once', () => {
  const keys = Array.from({ length: 200 }, (_, index) => keyOf(String(index)))

  it('are the provider’s trouble: none is marked, and it is told once', () => {
    const { health, incidents, refuse } = clinic()
    for (const key of keys.slice(0, 6)) refuse(key, MINUTE)
    expect(keys.filter((key) => health.isInvalid(key))).toEqual([])
    expect(incidents).toEqual([{ type: 'provider.auth_incident', provider: 'minimax', at: MINUTE, refused: 5, known: 5 }])
  })

  it('are few where many more work', () => {
    const { health, incidents, refuse } = clinic()
    for (const key of keys) health.accepted(key)
    for (const key of keys.slice(0, 9)) refuse(key, MINUTE)
    expect([keys.filter((key) => health.isInvalid(key)).length, incidents.length]).toEqual([9, 0])
    refuse(keys[9] ?? keyOf('9'), 2 * MINUTE)
    expect([keys.filter((key) => health.isInvalid(key)).length, incidents.length]).toEqual([0, 1])
  })

  it('are judged one by one again when they come slowly', () => {
    const { health, incidents, refuse } = clinic()
    for (const [index, key] of keys.slice(0, 20).entries()) refuse(key, index * 3 * MINUTE)
    expect([keys.filter((key) => health.isInvalid(key)).length, incidents.length]).toEqual([20, 0])
  })

  it('count no key that has recovered', () => {
    const { health, incidents, refuse } = clinic()
    for (const key of keys.slice(0, 4)) refuse(key, MINUTE)
    for (const key of keys.slice(0, 3)) health.accepted(key)
    for (const key of keys.slice(4, 6)) refuse(key, 2 * MINUTE)
    expect([keys.filter((key) => health.isInvalid(key)).length, incidents.length]).toEqual([3, 0])
  })

  it('of one provider say nothing about another', () => {
    const { health, refuse } = clinic()
    for (const key of keys.slice(0, 4)) refuse(key, MINUTE)
    refuse(keyOf('x', 'openai'), MINUTE)
    expect(health.isInvalid(keyOf('x', 'openai'))).toBe(true)
  })

  it('never stand marked beyond the share within ten minutes', () => {
    const event = fc.record({ key: fc.integer({ min: 0, max: 39 }), good: fc.boolean(), wait: fc.integer({ min: 0, max: 40 * SECOND }) })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 200 }), (events) => {
        const { health, at } = clinic()
        let now = 0
        const marked = new Map<number, number>()
        for (const { key, good, wait } of events) {
          now += wait
          const ref = keys[key] ?? keyOf('?')
          at(now, () => (good ? health.accepted(ref) : health.refused(ref, 'bad key')))
          for (const index of keys.keys()) {
            const invalid = health.isInvalid(keys[index] ?? ref)
            if (!invalid) marked.delete(index)
            else if (!marked.has(index)) marked.set(index, now)
          }
          expect([...marked.values()].filter((since) => since > now - 10 * MINUTE).length).toBeLessThan(5)
        }
      }),
    )
  })
})
