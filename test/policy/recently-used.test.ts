import { expect, it } from 'vitest'
import { RecentlyUsed } from '../../src/policy/sealing/recently-used.ts'

it('keeps what is used, drops what is not, and never holds more than two generations', () => {
  const kept = new RecentlyUsed<number>(10)
  kept.set('used', -1)
  for (let n = 0; n < 1000; n++) {
    kept.set(`value ${n}`, n)
    expect(kept.get('used'), `after ${n} others`).toBe(-1)
  }
  const held = Array.from({ length: 1000 }, (_, n) => kept.get(`value ${n}`)).filter((value) => value !== undefined)
  expect(held.length).toBeLessThanOrEqual(20)
  expect(held).toContain(999)
})

it('forgets at once what was deleted, however old', () => {
  const kept = new RecentlyUsed<number>(2)
  for (const [n, name] of ['a', 'b', 'c'].entries()) kept.set(name, n)
  for (const name of ['a', 'b', 'c']) kept.delete(name)
  expect(['a', 'b', 'c'].map((name) => kept.get(name))).toEqual([undefined, undefined, undefined])
})
