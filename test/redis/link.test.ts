import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openRedis } from '../../src/redis/link.ts'
import type { Redis, RedisInput } from '../../src/redis/redis.ts'
import { NOW, script } from '../../src/redis/script.ts'
import { freePort, missingProgram, type RedisServer, redisServer } from '../support/redis.ts'

// A server that nobody depends on: whatever becomes of it, whoever asks hears soon, and it is used again as soon as it can be.

const count = script(`${NOW} redis.call('SET', KEYS[2], now) return redis.call('INCR', KEYS[1])`)

describe.skipIf(missingProgram)(`a server that replicas share${missingProgram ? `, skipped: ${missingProgram}` : ''}`, () => {
  let server: RedisServer
  let redis: Redis
  const heard: string[] = []

  const open = (over: Partial<RedisInput> = {}): Promise<Redis> =>
    openRedis({
      ...{ url: server.url, prefix: 'test:', deadline: 500, instance: 'one' },
      changed: (usable, why) => heard.push(usable ? 'answers' : `lost: ${why}`),
      ...over,
    })
  const increment = (): Promise<unknown> => {
    const keys = [redis.key('acme', 'count'), redis.key('acme', 'at')] as const
    return redis.run({ script: count, keys: [...keys], args: [] })
  }
  const timed = async (): Promise<{ reply: unknown; ms: number }> => {
    const began = performance.now()
    return { reply: await increment(), ms: performance.now() - began }
  }
  const again = () => expect.poll(increment, { timeout: 15_000, interval: 20 }).toBeTypeOf('number')

  beforeEach(async () => {
    heard.length = 0
    server = await redisServer()
    redis = await open()
  })
  afterEach(async () => {
    await redis.close()
    await server.remove()
  })

  it('answers, says what it is, and keeps the keys of one tenant together whatever its id holds', async () => {
    expect([await increment(), await increment()]).toEqual([1, 2])
    expect(redis).toMatchObject({
      usable: true,
      replicas: 1,
      server: { name: expect.stringMatching(/^(Redis|Valkey) \d/), cluster: false },
    })
    expect(redis.key('a}{b:*\n\ud800', 'x')).toBe('test:{a%7D%7Bb%3A*%0A%EF%BF%BD}:x')
    expect(await redis.command({ key: 'k', words: ['SET', 'k', Buffer.from([255, 0]), 'PX', '60000'] })).toBe('OK')
    expect(await redis.command({ key: 'k', words: ['GET', 'k'], bytes: true })).toEqual(Buffer.from([255, 0]))
  })

  it('is told of by each replica, and of those that left no more', async () => {
    const other = await open({ instance: 'two' })
    const looker = await open({ instance: undefined })
    expect([other.replicas, looker.replicas]).toEqual([2, 2])
    await other.close()
    await looker.close()
    const third = await open({ instance: 'three' })
    expect(third.replicas).toBe(2)
    await third.close()
  })

  it('F-51 a server that is not there fails nothing: the start waits a second, a question not at all', async () => {
    const port = await freePort()
    const began = performance.now()
    const nobody = await open({ url: `redis://127.0.0.1:${port}` })
    expect(performance.now() - began).toBeLessThan(3_000)
    expect(nobody).toMatchObject({ usable: false, trouble: expect.stringContaining('ECONNREFUSED') })
    expect(await nobody.run({ script: count, keys: ['a', 'b'], args: [] })).toBeUndefined()
    expect(nobody.figures).toMatchObject({ spared: 1 })
    await nobody.close()
  })

  it('F-51 a server that hangs costs one wait, and is used again when it wakes', async () => {
    const impatient = await open({ deadline: 50, instance: 'two' })
    const ask = () => impatient.run({ script: count, keys: [impatient.key('acme', 'count'), impatient.key('acme', 'at')], args: [] })
    expect(await ask()).toBe(1)
    server.freeze()
    expect(await ask()).toBeUndefined()
    const began = performance.now()
    for (let asked = 0; asked < 1_000; asked++) expect(await ask()).toBeUndefined()
    // A probe may be under way meanwhile, which no question waits for.
    expect({ ms: performance.now() - began, ...impatient.figures }).toMatchObject({ spared: 1_000 })
    server.wake()
    await expect.poll(ask, { timeout: 15_000, interval: 20 }).toBeTypeOf('number')
    await impatient.close()
  })

  it('F-51 a server that pauses its clients is asked once and no more until it goes on, and what it says late is heard', async () => {
    const late: unknown[] = []
    await server.send('CLIENT', 'PAUSE', '1500', 'ALL')
    const call = { script: count, keys: ['{a}1', '{a}2'] as [string, string], args: [] }
    const replies = await Promise.all([1, 2, 3].map(() => redis.run(call, (reply) => late.push(reply))))
    expect(replies).toEqual([undefined, undefined, undefined])
    expect((await timed()).reply).toBeUndefined()
    expect(heard).toEqual(['answers', 'lost: no answer within 500 ms'])
    await again()
    expect(late).toEqual([1, 2, 3])
  })

  it('F-51 a server that is killed and started again is used again, and F-52 its scripts are given to it anew', async () => {
    await increment()
    await server.kill()
    await expect.poll(increment).toBeUndefined()
    await server.start()
    await again()
    expect(heard.at(-1)).toBe('answers')
  })

  it.each([
    { what: 'has no memory left', harm: ['CONFIG', 'SET', 'maxmemory', '1'], mend: ['CONFIG', 'SET', 'maxmemory', '0'], word: 'OOM' },
    { what: 'serves no writes', harm: ['REPLICAOF', '127.0.0.1', '1'], mend: ['REPLICAOF', 'NO', 'ONE'], word: 'READONLY' },
  ])('F-51 a server that $what is given up until it does', async ({ harm, mend, word }) => {
    expect(await increment()).toBe(1)
    await server.send(...harm)
    expect(await increment()).toBeUndefined()
    expect(heard.at(-1)).toContain(word)
    expect((await timed()).ms).toBeLessThan(100)
    await server.send(...mend)
    await again()
  })

  it('F-52 a server that lost its scripts is told them again, unseen', async () => {
    expect(await increment()).toBe(1)
    await server.send('SCRIPT', 'FLUSH')
    expect(await Promise.all([increment(), increment()])).toEqual([2, 3])
    expect(heard).toEqual(['answers'])
  })
})

describe.skipIf(missingProgram)(`a cluster that replicas share${missingProgram ? `, skipped: ${missingProgram}` : ''}`, () => {
  it('F-52 is found out by itself, and a slot that moves to another node is followed', { timeout: 60_000 }, async () => {
    const options = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000']
    const [one, two] = await Promise.all([redisServer(...options), redisServer(...options)])
    const nodes = [one, two]
    try {
      await one.send('CLUSTER', 'ADDSLOTSRANGE', '0', '8191')
      await two.send('CLUSTER', 'ADDSLOTSRANGE', '8192', '16383')
      await one.send('CLUSTER', 'MEET', '127.0.0.1', String(two.port))
      for (const node of nodes) await expect.poll(() => node.send('CLUSTER', 'INFO'), { timeout: 20_000 }).toContain('cluster_state:ok')
      const redis = await openRedis({ url: one.url, prefix: 'test:', deadline: 2_000, instance: 'one', changed: () => {} })
      await expect.poll(() => redis.usable, { timeout: 10_000 }).toBe(true)
      expect(redis.server?.cluster).toBe(true)
      const keys = (tenant: string): [string, string] => [redis.key(tenant, 'count'), redis.key(tenant, 'at')]
      const increment = (tenant: string) => redis.run({ script: count, keys: keys(tenant), args: [] })
      const tenants = Array.from({ length: 20 }, (_, at) => `tenant-${at}`)
      expect(await Promise.all(tenants.map(increment))).toEqual(tenants.map(() => 1))
      const { failed, late } = redis.figures
      const slot = String(await one.send('CLUSTER', 'KEYSLOT', keys('fresh')[0]))
      const from = Number(slot) < 8192 ? 0 : 1
      const [giver, taker] = [nodes[from]!, nodes[1 - from]!]
      const taking = String(await taker.send('CLUSTER', 'MYID'))
      for (const node of [taker, giver]) await node.send('CLUSTER', 'SETSLOT', slot, 'NODE', taking)
      expect(await increment('fresh')).toBe(1)
      expect(await increment('fresh')).toBe(2)
      expect(redis.figures).toMatchObject({ failed, late })
      await redis.close()
    } finally {
      for (const node of nodes) await node.remove()
    }
  })
})
