import { describe, expect, it } from 'vitest'
import { createRetryBudget } from '../../src/policy/retry-budget.ts'

function budget(active = 0) {
  const alarms: (() => void)[] = []
  const retries = createRetryBudget({
    after: (_ms, run) => {
      alarms.push(run)
      return () => void alarms.splice(alarms.indexOf(run), 1)
    },
  })
  for (let at = 0; at < active; at++) retries.enter()
  return { retries, alarms, ringAll: () => alarms.splice(0).forEach((ring) => void ring()) }
}

const PENDING = Symbol('pending')
const now = <T>(promise: Promise<T>): Promise<T | typeof PENDING> => Promise.race([promise, Promise.resolve(PENDING)])

describe('further attempts', () => {
  it.each([
    [1, 3],
    [15, 3],
    [20, 4],
    [100, 20],
  ])('of %i requests under way are at most %i at a time', async (active, most) => {
    const { retries } = budget(active)
    const taken = await Promise.all(Array.from({ length: most + 1 }, () => now(retries.take())))
    expect(taken.filter((place) => place === PENDING)).toHaveLength(1)
  })

  it('over the budget wait for one that is answered', async () => {
    const { retries, alarms } = budget(1)
    const [first] = await Promise.all([retries.take(), retries.take(), retries.take()])
    const fourth = retries.take()
    expect(await now(fourth)).toBe(PENDING)
    first?.()
    first?.()
    expect(await fourth).toBeTypeOf('function')
    expect(await now(retries.take()), 'a place given back twice is one place').toBe(PENDING)
    expect(alarms).toHaveLength(1)
  })

  it('that wait in vain are not made', async () => {
    const { retries, ringAll } = budget(1)
    await Promise.all([retries.take(), retries.take(), retries.take()])
    const waiting = retries.take()
    ringAll()
    expect(await waiting).toBeUndefined()
  })

  it('grow with the requests under way and shrink with them', async () => {
    const { retries } = budget(20)
    await Promise.all([1, 2, 3, 4].map(() => retries.take()))
    for (let at = 0; at < 10; at++) retries.leave()
    expect(await now(retries.take())).toBe(PENDING)
  })
})
