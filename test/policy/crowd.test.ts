import { describe, expect, it } from 'vitest'
import { Crowd } from '../../src/policy/crowd.ts'

// One process that has as much to do as it can.

interface Member {
  running: number
  readonly weight: number
}

function world(capacity: number) {
  const state = { now: 0, slow: false }
  const members: Member[] = []
  const crowd = new Crowd({ running: capacity, slow: () => state.slow }, () => state.now)
  const member = (weight = 1): Member => {
    const one = { running: 0, weight }
    members.push(one)
    return one
  }
  /** So many ask, one after the other; how many are let in. */
  const ask = (one: Member, times: number): number => {
    let let_in = 0
    for (let at = 0; at < times; at++) {
      state.now += 1
      if (crowd.isFull && crowd.isTooMany(one, members)) continue
      one.running++
      crowd.running++
      let_in++
    }
    return let_in
  }
  const end = (one: Member, times: number): void => {
    one.running -= times
    crowd.running -= times
  }
  return { state, crowd, member, ask, end }
}

describe('a process that is not full', () => {
  it('lets in whoever comes', () => {
    const { member, ask } = world(100)
    expect(ask(member(), 100)).toBe(100)
  })
})

describe('F-36 a process that is full', () => {
  it('has one tenant that opens thousands of streams wait, and lets all others in', () => {
    const { member, ask } = world(1_000)
    const flood = member()
    expect(ask(flood, 5_000)).toBe(1_000)
    for (let other = 0; other < 50; other++) expect(ask(member(), 3)).toBe(3)
    expect(ask(flood, 100)).toBe(0)
  })

  it('gives everybody the same where all want more than there is, as those who had more end theirs', () => {
    const { member, ask, end } = world(900)
    const members = [member(), member(), member()]
    ask(members[0]!, 5_000)
    for (let round = 0; round < 50; round++) {
      for (const one of members) end(one, Math.min(20, one.running))
      for (const one of members) ask(one, 100)
    }
    const running = members.map((one) => one.running)
    expect(Math.max(...running) / Math.min(...running)).toBeLessThan(1.6)
  })

  it('gives more to plans of a higher priority', () => {
    const { member, ask, end } = world(900)
    const [high, low] = [member(8), member(1)]
    for (let round = 0; round < 50; round++) {
      for (const one of [high, low]) end(one, Math.min(20, one.running))
      for (const one of [low, high]) ask(one, 100)
    }
    expect(high.running).toBeGreaterThan(3 * low.running)
    expect(low.running).toBeGreaterThan(20)
  })
})

describe('a process that is late', () => {
  it('takes no more of who has most, and never refuses who has little', () => {
    const { state, member, ask, end } = world(10_000)
    const [large, small] = [member(), member()]
    ask(large, 500)
    ask(small, 10)
    state.slow = true
    expect(ask(large, 10)).toBe(0)
    expect(ask(small, 10)).toBe(10)
    end(large, 480)
    expect(ask(large, 5)).toBe(5)
    state.slow = false
    expect(ask(large, 100)).toBe(100)
  })
})
