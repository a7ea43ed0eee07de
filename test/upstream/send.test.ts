import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { HOP_HEADER, hasPassed } from '../../src/contract/hop.ts'
import type { Upstream } from '../../src/contract/upstream.ts'
import { createGuard } from '../../src/upstream/guard.ts'
import { createUpstream } from '../../src/upstream/send.ts'
import { requestTo, run } from '../support/exchange.ts'
import { type FakeProvider, type Script, startFakeProvider } from '../support/fake-provider.ts'

const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()))
})

function upstream(limits: { frameBytes?: number; answerBytes?: number } = {}): Upstream {
  const made = createUpstream({
    guard: createGuard(),
    limits: { frameBytes: 8 * 1024 * 1024, headerBytes: 64 * 1024, ...limits },
    now: () => performance.now(),
    instance: 'gateway-1',
  })
  opened.push(made)
  return made
}

async function provider(script?: Script): Promise<FakeProvider> {
  const made = await startFakeProvider(script)
  opened.push(made)
  return made
}

describe('sending', () => {
  it('carries method, path, headers and bytes there, and status, headers and bytes back', async () => {
    const fake = await provider({ status: 201, headers: { 'x-request-id': 'r1' }, body: { ok: 'żółć' } })
    const body = '{ "model" : "m",  "odd": 12345678901234567890 }'
    const request = { ...requestTo(`${fake.origin}/v1/`), body: Buffer.from(body) }
    const outcome = await run(upstream(), request).outcome
    expect([outcome.status, outcome.headers['x-request-id'], outcome.body]).toEqual([201, 'r1', '{"ok":"żółć"}'])
    const [received] = fake.journal
    expect([received?.method, received?.path, received?.body.toString()]).toEqual(['POST', '/v1/chat/completions', body])
    expect(received?.headers).toMatchObject({ authorization: 'Bearer sk-test-0123456789abcdef', 'accept-encoding': 'identity' })
  })

  it('asks for identity whatever its caller asks', async () => {
    const fake = await provider()
    await run(upstream(), requestTo(fake.origin, { headers: { 'accept-encoding': 'gzip' } })).outcome
    expect(fake.journal[0]?.headers['accept-encoding']).toBe('identity')
  })

  it('joins a header sent several times', async () => {
    const fake = await provider({ headers: { 'x-warning': ['one', 'two'] } })
    expect((await run(upstream(), requestTo(fake.origin)).outcome).headers['x-warning']).toBe('one, two')
  })

  it('names itself on the way, so that a request which comes back is known', async () => {
    const fake = await provider()
    await run(upstream(), requestTo(fake.origin, { headers: { [HOP_HEADER]: 'gateway-0' } })).outcome
    const value = fake.journal[0]?.headers[HOP_HEADER]
    expect(value).toBe('gateway-0, gateway-1')
    expect(['gateway-0', 'gateway-1', 'gateway-2', 'gateway'].map((id) => hasPassed(id, value))).toEqual([true, true, false, false])
    expect(hasPassed('gateway-1', undefined)).toBe(false)
  })

  it('streams frames as they come', async () => {
    const fake = await provider({ events: ['one', 50, 'two', 50, '[DONE]'] })
    const outcome = await run(upstream(), requestTo(fake.origin, { stream: true })).outcome
    expect(outcome.body).toBe('data: one\n\ndata: two\n\ndata: [DONE]\n\n')
    expect(outcome.chunks.length).toBeGreaterThanOrEqual(3)
  })

  it('uses a socket again after a whole answer, for base paths of one origin alike', async () => {
    const fake = await provider()
    const way = upstream()
    for (const base of ['/v1', '/v1beta', '/v1']) {
      await run(way, requestTo(fake.origin + base)).outcome
      await sleep(5)
    }
    expect(fake.journal.map(({ socket }) => socket)).toEqual([1, 1, 1])
  })

  it('keeps one tenant’s sockets from another', async () => {
    const fake = await provider()
    const way = createUpstream({
      guard: createGuard({ trustedOrigins: [fake.origin] }),
      limits: { frameBytes: 1024, headerBytes: 1024 },
      now: () => performance.now(),
      instance: 'g',
    })
    opened.push(way)
    for (const guardedFor of ['t1', 't2', 't1', undefined]) {
      const asked = guardedFor === undefined ? {} : { guardedFor }
      expect((await run(way, requestTo(fake.origin, asked)).outcome).status).toBe(200)
      await sleep(5)
    }
    expect(fake.journal.map(({ socket }) => socket)).toEqual([1, 2, 1, 3])
  })

  it('calls nobody before send has returned, even where it refuses at once', async () => {
    let returned = false
    const way = upstream()
    const failed = Promise.withResolvers<boolean>()
    const listener = { onHeaders: () => undefined, onData: () => undefined, onEnd: () => undefined, onFail: () => failed.resolve(returned) }
    way.send(requestTo('not a url'), listener)
    returned = true
    expect(await failed.promise).toBe(true)
  })

  it('says which part of a request cannot be sent, and not what is in it', async () => {
    const fake = await provider()
    const outcome = await run(upstream(), requestTo(fake.origin, { headers: { authorization: 'Bearer sk-\u2026secret' } })).outcome
    expect([outcome.error?.code, outcome.sent]).toEqual(['invalid_header', false])
    expect(outcome.error?.message).not.toContain('secret')
    expect(fake.journal).toEqual([])
  })
})

describe('cancelling', () => {
  it('closes the provider’s socket within 250 ms and tells nobody anything more', async () => {
    const fake = await provider({ events: Array.from({ length: 1000 }, () => [1, 'tick']).flat() })
    const { exchange, sofar, headers } = run(upstream(), requestTo(fake.origin, { stream: true }))
    await headers
    await sleep(30)
    const at = Date.now()
    exchange.cancel()
    const seen = sofar.chunks.length
    await sleep(250)
    const abortedAt = fake.journal[0]?.abortedAt ?? Number.NaN
    expect(abortedAt - at).toBeLessThan(250)
    expect([sofar.chunks.length, sofar.error]).toEqual([seen, undefined])
  })

  it('never uses a cancelled socket again', async () => {
    const fake = await provider([{ events: ['one'], end: 'never' }, { body: 'second' }])
    const way = upstream()
    const first = run(way, requestTo(fake.origin, { stream: true }))
    await first.headers
    first.exchange.cancel()
    expect((await run(way, requestTo(fake.origin)).outcome).body).toBe('second')
    expect(fake.journal.map(({ socket }) => socket)).toEqual([1, 2])
  })

  it('sends nothing where it comes before the connection', async () => {
    const fake = await provider()
    run(upstream(), requestTo(fake.origin)).exchange.cancel()
    await sleep(100)
    expect(fake.journal).toEqual([])
  })
})

describe('pausing', () => {
  it('stops reading: the provider waits and memory stays flat', async () => {
    const piece = Buffer.alloc(64 * 1024, 'x')
    piece[piece.length - 1] = 0x0a
    const fake = await provider({ chunks: Array.from({ length: 1600 }, () => piece) })
    const { exchange, sofar, outcome, headers } = run(upstream(), requestTo(fake.origin, { stream: true }))
    await headers
    exchange.pause()
    await sleep(300)
    const taken = (): number => sofar.chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    const [held, written] = [taken(), fake.journal[0]?.written ?? 0]
    expect(held).toBeLessThan(1024 * 1024)
    // What the provider could hand over beyond that lies in the kernel's socket buffers, not with us.
    expect(written).toBeLessThan(32 * 1024 * 1024)
    await sleep(200)
    expect([taken(), fake.journal[0]?.written]).toEqual([held, written])
    exchange.resume()
    await outcome
    expect(taken()).toBe(1600 * piece.length)
  })
})

describe('deadlines', () => {
  it('connect: nothing was sent, and trying again may help', async () => {
    // A server that accepts and never begins its handshake.
    const mute = createServer(() => undefined)
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
    opened.push({ close: async () => void mute.close() })
    const { port } = mute.address() as AddressInfo
    const outcome = await run(upstream(), requestTo(`https://127.0.0.1:${port}`, { deadlines: { connect: 250 } })).outcome
    expect([outcome.error?.code, outcome.sent, outcome.error?.retry]).toEqual(['upstream_timeout', false, true])
    expect(outcome.error?.details.metadata).toEqual({ deadline: 'connect', limit_ms: 250 })
  })

  it.each([
    { stream: true, deadlines: { firstByte: 200 } },
    { stream: false, deadlines: { firstByte: 50, firstByteUnstreamed: 200 } },
  ])('first byte, stream $stream: a 504 that says the request was sent', async ({ stream, deadlines }) => {
    const fake = await provider({ after: 5_000 })
    const began = Date.now()
    const outcome = await run(upstream(), requestTo(fake.origin, { stream, deadlines })).outcome
    expect([outcome.error?.code, outcome.error?.status, outcome.error?.retry, outcome.sent]).toEqual(['upstream_timeout', 504, false, true])
    expect(outcome.error?.message).toMatch(/^Acme did not begin to answer within 0\.2 s/)
    expect(outcome.error?.details.metadata).toEqual({ deadline: 'firstByte', limit_ms: 200 })
    expect(Date.now() - began).toBeGreaterThanOrEqual(200)
    await sleep(50)
    expect(fake.journal[0]?.abortedAt).toBeTypeOf('number')
  })

  it('progress: bytes alone are not progress', async () => {
    const fake = await provider({ chunks: Array.from({ length: 100 }, () => [': ping\n\n', 20]).flat() })
    const outcome = await run(upstream(), requestTo(fake.origin, { stream: true, deadlines: { progress: 300 } })).outcome
    expect([outcome.error?.code, outcome.sent, outcome.error?.details.metadata]).toEqual([
      'upstream_timeout',
      true,
      { deadline: 'progress', limit_ms: 300 },
    ])
    expect(outcome.chunks.length).toBeGreaterThan(5)
  })

  it('progress starts again whenever the reader says so, and waits while the reader does not read', async () => {
    const fake = await provider({ events: ['a', 200, 'b', 200, 'c', 200, 'd', 200, 'e'] })
    const way = upstream()
    const request = requestTo(fake.origin, { stream: true, deadlines: { progress: 350 } })
    const first = run(way, request, () => first.exchange.progressed())
    expect((await first.outcome).error).toBeUndefined()

    fake.answer({ body: 'x' })
    const second = run(way, request)
    await second.headers
    second.exchange.pause()
    await sleep(600)
    second.exchange.resume()
    expect((await second.outcome).error).toBeUndefined()
  })

  it('total: ends what moves forward forever', async () => {
    const fake = await provider({ events: Array.from({ length: 200 }, () => ['tick', 20]).flat() })
    const running = run(upstream(), requestTo(fake.origin, { stream: true, deadlines: { total: 400 } }), () =>
      running.exchange.progressed(),
    )
    const { error } = await running.outcome
    expect([error?.code, error?.details.metadata]).toEqual(['upstream_timeout', { deadline: 'total', limit_ms: 400 }])
  })
})

describe('closing', () => {
  it('ends what is still open, in words', async () => {
    const fake = await provider({ events: ['one'], end: 'never' })
    const way = upstream()
    const { outcome, headers } = run(way, requestTo(fake.origin, { stream: true }))
    await headers
    await way.close()
    expect((await outcome).error?.code).toBe('draining')
    expect((await run(way, requestTo(fake.origin)).outcome).error?.code).toBe('draining')
  })
})
