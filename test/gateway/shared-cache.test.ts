import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { missingProgram, type RedisServer, redisServer } from '../support/redis.ts'
import { completion, delta, finish, openRelayed, type Relayed, usageFrame } from '../support/relayed.ts'

// Answers that serve equal requests, shared by two gateways over one database.

describe.skipIf(missingProgram)(`gateways that share their answers${missingProgram ? `, skipped: ${missingProgram}` : ''}`, () => {
  let redis: RedisServer
  let one: Relayed
  let two: Relayed
  let asked = 0

  beforeAll(async () => {
    redis = await redisServer()
    // A machine that many tests share is slow.
    const options = { env: { REDIS_URL: redis.url }, config: { 'gateway.yaml': "redis: { deadline: 500ms, prefix: 'tg:' }\n" } }
    one = await openRelayed(options)
    two = await openRelayed({ ...options, state: one.gateway.state, tenant: one.tenant })
  })
  afterAll(async () => {
    redis.wake()
    await two.close()
    await one.close()
    await redis.remove()
  })
  beforeEach(() => {
    for (const { provider } of [one, two]) {
      provider.journal.length = 0
      provider.answer({ body: completion('canary-of-an-answer') })
    }
  })

  const fresh = (): object => ({ messages: [{ role: 'user', content: `canary of question ${++asked}` }] })
  const say = async (by: Relayed, body: object) => {
    const response = await by.post(body, { headers: { 'x-tollgate-cache': 'use' } })
    return { cache: response.headers.get('x-tollgate-cache'), text: await response.text() }
  }
  const answers = () => redis.send('KEYS', 'tg:*answer:*') as Promise<string[]>
  const shared = (count: number) => expect.poll(async () => (await answers()).length, { timeout: 3_000 }).toBe(count)

  it('tell what the other was answered, whole and streamed, and then know it themselves', async () => {
    const before = (await answers()).length
    const events = [delta('one '), 5, delta('two'), finish(), usageFrame(), '[DONE]']
    const whole = fresh()
    const streamed = { ...fresh(), stream: true }
    const made = await say(one, whole)
    one.provider.answer({ events })
    const stream = await say(one, streamed)
    expect([made.cache, stream.cache]).toEqual(['miss', 'miss'])
    await shared(before + 2)
    expect(await say(two, whole)).toEqual({ ...made, cache: 'hit' })
    expect(await say(two, streamed)).toEqual({ ...stream, cache: 'hit' })
    expect(two.provider.journal).toEqual([])
    await redis.send('FLUSHALL')
    expect((await say(two, whole)).cache).toBe('hit')
  })

  it('keep them sealed there, and no longer than they serve', async () => {
    const before = (await answers()).length
    await say(one, fresh())
    await shared(before + 1)
    for (const key of await answers()) {
      expect(await redis.send('GET', key)).toMatch(/^tg1:/)
      expect(Number(await redis.send('PTTL', key))).toBeGreaterThan(0)
    }
  })

  it('go without while the server does not answer, and share again when it does', async () => {
    const body = fresh()
    redis.freeze()
    expect([(await say(one, body)).cache, (await say(one, body)).cache, (await say(two, body)).cache]).toEqual(['miss', 'hit', 'miss'])
    redis.wake()
    await expect
      .poll(
        async () => {
          const next = fresh()
          await say(one, next)
          await new Promise((resolve) => setTimeout(resolve, 50))
          return (await say(two, next)).cache
        },
        { timeout: 10_000, interval: 100 },
      )
      .toBe('hit')
  })

  it('take an answer that is damaged, or another’s, for none', async () => {
    const before = (await answers()).length
    const [first, second] = [fresh(), fresh()]
    await say(one, first)
    await shared(before + 1)
    const [key = ''] = (await answers()).filter((name) => name.includes('answer'))
    const sealed = String(await redis.send('GET', key))
    await say(one, second)
    await shared(before + 2)
    for (const name of await answers()) await redis.send('SET', name, name === key ? `${sealed.slice(0, -4)}AAAA` : sealed)
    expect([(await say(two, first)).cache, (await say(two, second)).cache]).toEqual(['miss', 'miss'])
  })
})
