import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../support/by-hand.ts'
import { completion, delta, finish, framed, openRelayed, type Relayed } from '../support/relayed.ts'

/** Milliseconds in which a provider must be told that nobody listens any more. */
const AT_MOST = 250

let scene: Relayed
let booked = 0
beforeAll(async () => {
  scene = await openRelayed()
})
afterAll(() => scene.close())
afterEach(async () => {
  booked = (await scene.hand.booked(scene.tenant.id)).length
  scene.provider.journal.length = 0
})

/** Milliseconds from the client's leaving to the provider's hearing of it. */
async function leave(abort: AbortController): Promise<number> {
  const left = Date.now()
  abort.abort()
  const [received] = scene.provider.journal
  return (await until('the provider to be cancelled', () => received?.abortedAt)) - left
}

async function rows() {
  const all = await scene.hand.settled(scene.tenant.id, booked + 1)
  // A second end would come late.
  await sleep(50)
  expect(await scene.hand.rows('SELECT seq, count(*) FROM ends GROUP BY seq HAVING count(*) > 1')).toEqual([])
  return all.slice(booked)
}

describe('a client that leaves', () => {
  for (const after of [0, 1, 50]) {
    it(`${after} ms after the provider was asked, before its first byte`, async () => {
      scene.provider.answer({ after: 10_000 })
      const abort = new AbortController()
      const asked = scene.post({ stream: true }, { signal: abort.signal }).catch(() => 'gone')
      await scene.provider.received()
      await sleep(after)
      expect(await leave(abort)).toBeLessThan(AT_MOST)
      expect(await asked).toBe('gone')
      expect(await rows()).toMatchObject([{ state: 'estimated', outcome: { code: 'client_closed_request' } }])
    })
  }

  it('in the middle of a stream: what was seen is booked', async () => {
    scene.provider.answer({ events: [delta('Hel'), delta('lo'), 10_000] })
    const abort = new AbortController()
    const response = await scene.post({ stream: true }, { signal: abort.signal })
    const reader = response.body!.getReader()
    await reader.read()
    reader.closed.catch(() => undefined)
    expect(await leave(abort)).toBeLessThan(AT_MOST)
    expect(await rows()).toMatchObject([{ state: 'estimated', outcome: { outputSeen: 2, code: 'client_closed_request' } }])
  })

  it('while a whole answer is made', async () => {
    scene.provider.answer({ after: 10_000, body: completion() })
    const abort = new AbortController()
    const asked = scene.post({}, { signal: abort.signal }).catch(() => 'gone')
    await scene.provider.received()
    expect(await leave(abort)).toBeLessThan(AT_MOST)
    expect(await asked).toBe('gone')
    expect(await rows()).toMatchObject([{ state: 'estimated', outcome: { code: 'client_closed_request' } }])
  })

  it('by closing its half of the socket, which counts as leaving', async () => {
    scene.provider.answer({ events: [delta('Hel'), 10_000] })
    const socket = await ask({ stream: true })
    await scene.provider.received()
    const left = Date.now()
    socket.end()
    const cancelled = await until('the provider to be cancelled', () => scene.provider.journal[0]?.abortedAt)
    expect(cancelled - left).toBeLessThan(AT_MOST)
    expect(await rows()).toMatchObject([{ state: 'estimated' }])
  })

  it('before its request is whole never reaches a provider', async () => {
    const socket = connect(Number(new URL(scene.gateway.url).port), '127.0.0.1')
    socket.write(`${head(1000)}{"model":"openai/gpt-4o"`)
    await sleep(50)
    socket.destroy()
    await sleep(100)
    expect({ asked: scene.provider.journal.length, booked: (await scene.hand.booked(scene.tenant.id)).length - booked }).toEqual({
      asked: 0,
      booked: 0,
    })
  })

  it('leaves the connection of others alone, and each gets its own answer', async () => {
    scene.provider.answer(({ body }) => ({ after: 20, body: completion(JSON.parse(body.toString()).messages[0].content) }))
    const asked = Array.from({ length: 40 }, async (_, at) => {
      const abort = new AbortController()
      if (at % 2 === 1) setTimeout(() => abort.abort(), at)
      const content = `nonce-${at}`
      const response = await scene.post({ messages: [{ role: 'user', content }] }, { signal: abort.signal })
      const { choices } = (await response.json()) as { choices: { message: { content: string } }[] }
      return choices[0]!.message.content === content ? 'its own' : 'of another'
    })
    const answers = await Promise.allSettled(asked)
    expect(answers.filter(({ status }, at) => at % 2 === 0 && status !== 'fulfilled')).toEqual([])
    expect(new Set(answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : [])))).toEqual(new Set(['its own']))
    await scene.hand.settled(scene.tenant.id, booked + 20)
  })
})

describe('a client that reads slowly', () => {
  it('pauses the provider, costs no memory, and gets every byte once it reads', async () => {
    const frame = framed([delta('x'.repeat(8 * 1024))])
    const frames = 8_000
    const tail = framed([finish(), '[DONE]'])
    const chunks = [...Array.from({ length: frames }, () => frame), tail]
    scene.provider.answer({ headers: { 'content-type': 'text/event-stream' }, chunks })
    const socket = await ask({ stream: true })
    socket.pause()
    const [received] = [await scene.provider.received()]
    const plateau = await until('the provider to be paused', async () => {
      const before = received.written
      await sleep(200)
      return before > 0 && received.written === before ? before : undefined
    })
    const total = frames * frame.length + tail.length
    const heap = process.memoryUsage().arrayBuffers
    await sleep(500)
    expect(received.written, 'bytes the provider could hand over while nobody read').toBe(plateau)
    expect(plateau).toBeLessThan(total / 2)
    expect(process.memoryUsage().arrayBuffers - heap).toBeLessThan(4 * 1024 * 1024)
    let bytes = 0
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    socket.resume()
    await until('every byte', () => (received.written === total && bytes > total ? true : undefined), 10_000)
    socket.destroy()
    expect(await rows()).toMatchObject([{ start: { stream: true } }])
  })
})

const head = (length: number): string =>
  [
    'POST /v1/chat/completions HTTP/1.1',
    'host: gateway.test',
    'content-type: application/json',
    `authorization: Bearer ${scene.tenant.key}`,
    `content-length: ${length}`,
    '\r\n',
  ].join('\r\n')

async function ask(more: object): Promise<Socket> {
  const body = JSON.stringify({ model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'Hello' }], ...more })
  const socket = connect(Number(new URL(scene.gateway.url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(head(Buffer.byteLength(body)) + body)
  return socket
}

describe('F-05 a client that leaves a provider which bills to the end', () => {
  const leaving = async (body: object): Promise<void> => {
    const abort = new AbortController()
    const response = await scene.post({ model: 'groq/any', stream: true, ...body }, { signal: abort.signal })
    const reader = response.body!.getReader()
    await reader.read()
    reader.closed.catch(() => undefined)
    abort.abort()
  }
  beforeAll(() => scene.hand.holds(scene.tenant.key, 'groq/any'))

  it('has its answer read on, and what the provider says of it booked', async () => {
    const usage = { choices: [], usage: { prompt_tokens: 7, completion_tokens: 500, total_tokens: 507 } }
    scene.provider.answer({ events: [delta('Hel'), 300, delta('lo'), finish(), usage, '[DONE]'] })
    await leaving({})
    const [row] = await rows()
    expect(row).toMatchObject({ state: 'settled', outcome: { code: 'client_closed_request', usage: { input: 7, output: 500 } } })
    expect(scene.provider.journal[0]?.abortedAt, 'it was read to its end').toBeUndefined()
  })

  it('that has written nothing yet, too', async () => {
    scene.provider.answer({ body: completion(), after: 300 })
    const abort = new AbortController()
    const asked = scene.post({ model: 'groq/any' }, { signal: abort.signal }).catch(() => 'gone')
    await scene.provider.received()
    abort.abort()
    expect(await asked).toBe('gone')
    expect(await rows()).toMatchObject([{ state: 'settled', outcome: { code: 'client_closed_request' } }])
  })

  it('no longer has a place among its requests at a time', async () => {
    const narrow = await scene.gateway.tenant('narrow-leaver', 'enterprise', { limits: { concurrency: 1 } })
    await scene.hand.setting(narrow.id, 'GROQ_API_KEY', 'groq-key-of-the-leaver')
    await scene.hand.holds(narrow.key, 'groq/any')
    scene.provider.answer({ events: [delta('Hel'), 2_000, finish(), '[DONE]'] })
    const abort = new AbortController()
    const ask = (signal: AbortSignal | null) =>
      fetch(`${scene.gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${narrow.key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'groq/any', stream: true, messages: [] }),
        signal,
      })
    const first = await ask(abort.signal)
    await first.body!.getReader().read()
    abort.abort()
    scene.provider.answer({ body: completion() })
    const statuses = async () => (await ask(null)).status
    await expect.poll(statuses, { timeout: 1_000 }).toBe(200)
  })
})
