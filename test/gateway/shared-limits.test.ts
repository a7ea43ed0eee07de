import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../support/by-hand.ts'
import { commandLine } from '../support/command-line.ts'
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { type ApiAnswer, startGateway, type TestGateway } from '../support/gateway.ts'
import { dropDatabase, missing as noPostgres, query, url } from '../support/postgres.ts'
import { freePort, missingProgram, type RedisServer, redisServer } from '../support/redis.ts'
import { completion } from '../support/relayed.ts'

// Four gateways over one database and one server that they share their limits by: a limit is one limit, wherever a request comes in.

const missing = noPostgres ?? missingProgram
const NONE = { rpm: null, tpm: null, concurrency: null }

describe.skipIf(missing)(`F-56 gateways that share their limits${missing ? `, skipped: ${missing}` : ''}`, () => {
  const name = `tollgate_test_${randomBytes(6).toString('hex')}`
  const address = new URL(url)
  address.pathname = `/${name}`
  let provider: FakeProvider
  let redis: RedisServer
  let gateways: TestGateway[]
  let first: TestGateway
  let tenants = 0
  let key = ''
  let slug = ''

  beforeAll(async () => {
    redis = await redisServer()
    provider = await startFakeProvider({ body: completion() })
    await query(`CREATE DATABASE ${name}`)
    const master = `k1:${randomBytes(32).toString('base64')}`
    const env = {
      DATABASE_URL: address.href,
      TOLLGATE_MASTER_KEYS: master,
      REDIS_URL: redis.url,
      OPENAI_API_KEY: 'sk-proj-of-the-platform-01',
    }
    // A machine that many tests share is slow; how long is waited is tried where it counts.
    const config = { 'gateway.yaml': 'redis: { deadline: 2s }\n' }
    const options = { env, config, providers: { openai: `${provider.origin}/openai` } }
    first = await startGateway(options)
    gateways = [first, ...(await Promise.all([1, 2, 3].map(() => startGateway(options))))]
    await until('each to know of all', async () => ((await replicas()).every((seen) => seen === 4) ? true : undefined), 15_000)
  })
  afterAll(async () => {
    redis.wake()
    await Promise.all(gateways.map((gateway) => gateway.stop()))
    await dropDatabase(name)
    await redis.remove()
    await provider.close()
  })
  beforeEach(() => provider.answer({ body: completion() }))

  const figure = async (gateway: TestGateway, name: string): Promise<number> => {
    const { body } = await gateway.call('GET', '/metrics', { key: gateway.adminKey })
    return Number(new RegExp(`^tollgate_redis\\{figure="${name}"\\} (\\d+)`, 'm').exec(body)?.[1])
  }
  const replicas = () => Promise.all(gateways.map((gateway) => figure(gateway, 'replicas')))
  const ask = (gateway: TestGateway, more: object = {}, by = key): Promise<ApiAnswer> =>
    gateway.call('POST', '/v1/chat/completions', {
      key: by,
      body: { model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'Hi' }], ...more },
    })
  /** So many at once of each gateway. */
  const crowd = async (each: number, more: object = {}): Promise<ApiAnswer[]> =>
    Promise.all(gateways.flatMap((gateway) => Array.from({ length: each }, () => ask(gateway, more))))
  const codes = (answers: readonly ApiAnswer[]) => {
    const counts: Record<string, number> = {}
    for (const { status, body } of answers) {
      const code = status === 200 ? 'ok' : String(body.error?.code)
      counts[code] = (counts[code] ?? 0) + 1
    }
    return counts
  }
  const tenant = async (limits: object): Promise<void> => {
    const made = await first.tenant(`tenant-${++tenants}`, 'pro', { limits: { ...NONE, ...limits } })
    ;({ key, slug } = made)
    for (const gateway of gateways)
      await expect.poll(async () => (await gateway.call('GET', '/v1/models', { key })).status, { timeout: 5_000 }).toBe(200)
  }

  it('say that they do', async () => {
    expect(first.printed.join('\n')).toMatch(new RegExp(`shared +(Redis|Valkey) [\\d.]+ at 127.0.0.1:${redis.port}; 1 replica`))
    const cli = commandLine()
    const { out } = await cli.run(['db', 'status', '--json'], { env: { DATABASE_URL: address.href, REDIS_URL: redis.url } })
    expect(JSON.parse(out).shared).toMatch(/; 4 replicas$/)
    cli.remove()
  })

  it('admit of a crowd as many as are allowed, and tell all others the same', async () => {
    await tenant({ rpm: 20 })
    const answers = await crowd(15)
    expect(codes(answers)).toEqual({ ok: 20, rate_limit_exceeded: 40 })
    const refused = answers.filter(({ status }) => status === 429)
    for (const { headers, body } of refused) {
      expect(headers.get('x-ratelimit-remaining-requests')).toBe('0')
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(40)
      expect(body.error.message).toMatch(/^tenant-\d+ has reached its limit of 20 rpm on plan pro\. Wait \d+ s, or raise limits\.rpm/)
      expect(body.error.metadata.rule).toMatch(/override of tenant/)
    }
    const told = answers.filter(({ status }) => status === 200).map(({ headers }) => Number(headers.get('x-ratelimit-remaining-requests')))
    expect(Math.min(...told)).toBe(0)
    expect(Math.max(...told)).toBeLessThan(20)
  })

  it('count tokens together: reserved first, then as they were used', async () => {
    await tenant({ tpm: 4_400 })
    // Each may be a thousand and is ten in the end.
    const before = codes(await crowd(3, { max_tokens: 990 }))
    expect(before['ok']).toBeGreaterThanOrEqual(4)
    expect((before['ok'] ?? 0) + (before['rate_limit_exceeded'] ?? 0)).toBe(12)
    await expect.poll(async () => (await ask(first, { max_tokens: 3_000 })).status, { timeout: 5_000 }).toBe(200)
  })

  it('let so many run at a time, wherever they run', async () => {
    await tenant({ concurrency: 3 })
    provider.answer({ body: completion(), after: 1_500 })
    expect(codes(await crowd(3))).toEqual({ ok: 3, concurrency_limit_exceeded: 9 })
    provider.answer({ body: completion() })
    await expect.poll(async () => (await ask(gateways[2]!)).status).toBe(200)
  })

  it('hold a key to its own limits, and name them', async () => {
    await tenant({})
    const { body } = await first.api('POST', `/tenants/${slug}/keys`, { limits: { rpm: 5 } })
    key = body.key
    for (const gateway of gateways)
      await expect.poll(async () => (await gateway.call('GET', '/v1/models', { key })).status, { timeout: 5_000 }).toBe(200)
    const answers = await crowd(5)
    expect(codes(answers)).toEqual({ ok: 5, rate_limit_exceeded: 15 })
    const refused = answers.find(({ status }) => status === 429)
    expect(refused?.body.error.message).toMatch(/^This gateway key of tenant-\d+ has reached the limit of 5 rpm\. Wait/)
    expect(refused?.headers.get('x-ratelimit-limit-requests')).toBe('5')
  })

  it('follow a changed limit at once', async () => {
    await tenant({ rpm: 4 })
    expect(codes(await crowd(3))).toEqual({ ok: 4, rate_limit_exceeded: 8 })
    await first.api('PATCH', `/tenants/${slug}`, { overrides: { limits: { rpm: 6 } } })
    await expect.poll(async () => (await ask(gateways[3]!)).status, { timeout: 2_000 }).toBe(200)
    expect(codes(await crowd(3))).toEqual({ ok: 1, rate_limit_exceeded: 11 })
  })

  it('F-51 keep each to its share while the server hangs, and share again when it wakes', { timeout: 60_000 }, async () => {
    await tenant({ rpm: 20 })
    redis.freeze()
    const alone = codes(await crowd(20))
    expect(alone['ok']).toBeGreaterThanOrEqual(16)
    expect(alone['ok']).toBeLessThanOrEqual(24)
    expect((alone['ok'] ?? 0) + (alone['rate_limit_exceeded'] ?? 0)).toBe(80)
    // Nobody is refused for want of the server: another tenant comes in everywhere, and nobody waits.
    await tenant({ rpm: 400 })
    const began = performance.now()
    expect(codes(await crowd(10))).toEqual({ ok: 40 })
    expect(performance.now() - began).toBeLessThan(10_000)
    redis.wake()
    await expect.poll(() => Promise.all(gateways.map((gateway) => figure(gateway, 'usable'))), { timeout: 30_000 }).toEqual([1, 1, 1, 1])
    await tenant({ rpm: 8 })
    expect(codes(await crowd(5))).toEqual({ ok: 8, rate_limit_exceeded: 12 })
  })

  it('F-51 start and answer where no server is, and say so', { timeout: 60_000 }, async () => {
    const port = await freePort()
    const gateway = await startGateway({ env: { REDIS_URL: `redis://:hidden-password@127.0.0.1:${port}` } })
    try {
      expect(gateway.printed.join('\n')).toContain(`Redis at 127.0.0.1:${port} does not answer`)
      const { key } = await gateway.tenant('alone', 'pro')
      const { status } = await gateway.call('POST', '/v1/chat/completions', { key, body: { model: 'demo/echo', messages: [] } })
      expect(status).toBe(200)
      const { body } = await gateway.api('GET', '/doctor')
      expect(body.data.find(({ code }: { code: string }) => code === 'redis_unusable')).toMatchObject({ level: 'warn' })
      expect([...gateway.printed, ...gateway.log, JSON.stringify(body)].join('\n')).not.toContain('hidden-password')
    } finally {
      await gateway.stop()
    }
  })
})
