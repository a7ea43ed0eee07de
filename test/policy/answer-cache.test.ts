import { beforeEach, describe, expect, it } from 'vitest'
import type { CachedAnswer } from '../../src/contract/answer-cache.ts'
import { tenantId } from '../../src/contract/ids.ts'
import { MemoryAnswers } from '../../src/policy/answer-cache.ts'

const [ada, bob] = [tenantId('tn_ada'), tenantId('tn_bob')]
const KIB = 1024

describe('answers in memory', () => {
  let clock = 0
  let room = 0
  let answers: MemoryAnswers
  beforeEach(() => {
    clock = 0
    room = 40 * KIB
    answers = new MemoryAnswers({ now: () => clock, room: () => room })
  })

  const of = (bytes: number, name = 'x'): CachedAnswer => ({
    copy: { requestId: name, status: 200, headers: {}, pieces: [Buffer.alloc(bytes, name)] },
    ...{ provider: 'acme', wireModel: 'm', at: 0, cost: 7 },
  })
  const at = (digest: string, tenant = ada) => ({ tenant, digest })
  const names = async (...digests: string[]) => Promise.all(digests.map(async (digest) => (await answers.get(at(digest)))?.copy.requestId))

  it('come back as they are, to their tenant alone', async () => {
    answers.put(at('a'), of(KIB, 'first'), 1_000)
    expect(await answers.get(at('a'))).toEqual(of(KIB, 'first'))
    expect(await answers.get(at('a', bob))).toBeUndefined()
    answers.put(at('a'), of(KIB, 'second'), 1_000)
    expect(await names('a')).toEqual(['second'])
    expect(answers.figures).toMatchObject({ answers: 1, hits: 2, misses: 1 })
  })

  it('make room for new ones, those first that were not asked for longest', async () => {
    for (const name of ['a', 'b', 'c']) answers.put(at(name), of(10 * KIB, name), 1_000)
    await answers.get(at('a'))
    answers.put(at('d'), of(10 * KIB, 'd'), 1_000)
    expect(await names('a', 'b', 'c', 'd')).toEqual(['a', undefined, 'c', 'd'])
    expect(answers.figures.bytes).toBeLessThanOrEqual(room)
  })

  it('count by their pieces, too: a stream of many takes more than its bytes', () => {
    const pieces = Array.from({ length: 100 }, () => Buffer.from('x'))
    answers.put(at('a'), { ...of(0), copy: { ...of(0).copy, pieces } }, 1_000)
    expect(answers.figures.bytes).toBeGreaterThan(10 * KIB)
  })

  it('are not kept where one alone is too large, nor any where there is no room', async () => {
    answers.put(at('a'), of(50 * KIB), 1_000)
    expect(answers.figures).toMatchObject({ answers: 0, bytes: 0 })
    room = 0
    answers.put(at('b'), of(1), 1_000)
    expect(await names('b')).toEqual([undefined])
  })

  it('are gone when their time is over, and with their tenant', async () => {
    answers.put(at('a'), of(KIB), 1_000)
    clock = 1_000
    expect(await names('a')).toEqual([undefined])
    expect(answers.figures).toMatchObject({ answers: 0, bytes: 0 })
    for (const tenant of [ada, bob]) answers.put(at('b', tenant), of(KIB, 'b'), 1_000)
    answers.drop(bob)
    expect([await names('b'), await answers.get(at('b', bob))]).toEqual([['b'], undefined])
    answers.drop()
    expect(answers.figures).toMatchObject({ answers: 0, bytes: 0 })
  })
})
