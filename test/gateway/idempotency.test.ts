import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../support/by-hand.ts'
import { completion, delta, finish, openRelayed, type Relayed, usageFrame } from '../support/relayed.ts'
import { stateIn } from '../support/state.ts'

// A request with an idempotency key reaches a provider once and is charged once, however often it is sent.

let scene: Relayed
beforeAll(async () => {
  scene = await openRelayed({ config: { 'gateway.yaml': 'sizes: { kept_answer: 64KiB }\n' } })
})
afterAll(() => scene.close())
beforeEach(() => {
  scene.provider.journal.length = 0
})

interface Told {
  readonly status: number
  readonly text: string
  readonly headers: Headers
}

async function told(asked: Promise<Response>): Promise<Told> {
  const response = await asked
  return { status: response.status, headers: response.headers, text: await response.text() }
}

const keyed = (key: string, more: Record<string, string> = {}) => ({ headers: { 'idempotency-key': key, ...more } })
const ask = (key: string, body: object = {}) => told(scene.post(body, keyed(key)))
const codeOf = ({ text }: Told): string => JSON.parse(text).error.code
const idOf = ({ headers }: Told): string | null => headers.get('x-request-id')

function expectReplay(again: Told, first: Told): void {
  expect([again.status, again.text]).toEqual([first.status, first.text])
  expect(again.headers.get('idempotent-replayed')).toBe('true')
  expect(again.headers.get('x-tollgate-original-request-id')).toBe(idOf(first))
  expect(idOf(again)).not.toBe(idOf(first))
  for (const name of ['content-type', 'x-tollgate-model', 'x-tollgate-charge-usd', 'x-tollgate-cache'])
    expect([name, again.headers.get(name)]).toEqual([name, first.headers.get(name)])
}

/** Attempts in the books of the requests with these ids. */
const bookedFor = async (...ids: (string | null)[]) =>
  (await scene.hand.booked(scene.tenant.id)).filter(({ start: { requestId } }) => ids.includes(requestId))

describe('a request that comes again with its idempotency key', () => {
  it('is told the same answer, asks no provider and is booked once, however its body is written', async () => {
    scene.provider.answer({ body: completion('once') })
    const key = randomUUID()
    const first = await ask(key, { temperature: 0.5, seed: 12 })
    expect([first.status, first.headers.get('idempotent-replayed')]).toEqual([200, null])
    const written = '{ "seed": 12, "temperature":0.5, "messages":[{"content":"Hello","role":"user"}], "model":"openai/gpt-4o" }'
    const again = await told(
      fetch(`${scene.gateway.url}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': scene.tenant.key, ...keyed(key).headers },
        body: written,
      }),
    )
    expectReplay(again, first)
    expect(scene.provider.journal).toHaveLength(1)
    expect(await bookedFor(idOf(first), idOf(again))).toMatchObject([{ state: 'settled', start: { requestId: idOf(first) } }])
  })

  it('is told the same stream, frame by frame', async () => {
    scene.provider.answer({ events: [delta('one '), 5, delta('two'), 5, finish(), usageFrame(), '[DONE]'] })
    const key = randomUUID()
    const body = { stream: true, stream_options: { include_usage: true } }
    const first = await ask(key, body)
    expect(first.text).toContain('two')
    expectReplay(await ask(key, body), first)
    expect(scene.provider.journal).toHaveLength(1)
  })

  it('is told the same in Anthropic’s format, whole and streamed, from a provider of another', async () => {
    const post = (key: string, stream: boolean) =>
      told(
        fetch(`${scene.gateway.url}/v1/messages`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-api-key': scene.tenant.key, ...keyed(key).headers },
          body: JSON.stringify({ model: 'openai/gpt-4o', max_tokens: 9, stream, messages: [{ role: 'user', content: 'Hello' }] }),
        }),
      )
    for (const stream of [false, true]) {
      scene.provider.answer(stream ? { events: [delta('hm'), finish(), usageFrame(), '[DONE]'] } : { body: completion('hm') })
      const key = randomUUID()
      const first = await post(key, stream)
      expect(first.text).toContain(stream ? 'event: message_stop' : '"type":"message"')
      expectReplay(await post(key, stream), first)
    }
    expect(scene.provider.journal).toHaveLength(2)
  })

  it('with another body, or at another place, is refused', async () => {
    scene.provider.answer({ body: completion() })
    const key = randomUUID()
    await ask(key)
    const other = await ask(key, { temperature: 1 })
    expect([other.status, codeOf(other), other.headers.get('x-should-retry')]).toEqual([409, 'idempotency_key_reuse', 'false'])
    const elsewhere = await scene.gateway.call('POST', '/v1/embeddings', {
      key: scene.tenant.key,
      body: { model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'Hello' }] },
      ...keyed(key),
    })
    expect(elsewhere.status).toBe(409)
    expect(scene.provider.journal).toHaveLength(1)
  })

  it('is another request where another tenant sends it', async () => {
    scene.provider.answer({ body: completion() })
    const other = await scene.hand.tenant(`other-${randomUUID().slice(0, 8)}`, 'enterprise')
    await scene.hand.setting(other.id, 'OPENAI_API_KEY', 'sk-of-the-other-tenant-0001')
    await scene.hand.holds(other.key, 'openai/gpt-4o')
    const key = randomUUID()
    await ask(key)
    const theirs = await told(scene.post({}, keyed(key, { authorization: `Bearer ${other.key}` })))
    expect([theirs.status, theirs.headers.get('idempotent-replayed')]).toEqual([200, null])
    expect(scene.provider.journal).toHaveLength(2)
  })

  it('while the first still runs, is told to wait, and then what that was answered', async () => {
    scene.provider.answer({ body: completion('slow'), after: 200 })
    const key = randomUUID()
    const first = ask(key)
    await scene.provider.received()
    const many = await Promise.all(Array.from({ length: 8 }, () => ask(key)))
    for (const early of many) {
      expect([early.status, codeOf(early), early.headers.get('retry-after')]).toEqual([409, 'request_in_progress', '1'])
      expect(early.headers.get('x-should-retry')).toBeNull()
    }
    const slow = await first
    expectReplay(await ask(key), slow)
    expect(scene.provider.journal).toHaveLength(1)
  })

  it('by OpenAI’s own client, which lost its patience, waits for the answer and finds it', async () => {
    scene.provider.answer({ body: completion('worth waiting for'), after: 700 })
    const client = new OpenAI({ apiKey: scene.tenant.key, baseURL: `${scene.gateway.url}/v1`, timeout: 300, maxRetries: 3 })
    const asked = { model: 'openai/gpt-4o', messages: [{ role: 'user' as const, content: 'Hello' }] }
    const { choices } = await client.chat.completions.create(asked, keyed(randomUUID()))
    expect(choices[0]?.message.content).toBe('worth waiting for')
    expect(scene.provider.journal).toHaveLength(1)
  })

  it('counts as nothing where an answer is only read or explained', async () => {
    scene.provider.answer({ body: completion() })
    const key = randomUUID()
    const explained = await told(scene.post({}, keyed(key, { 'x-tollgate-explain': 'true' })))
    expect(JSON.parse(explained.text).verdict).toBe('allowed')
    expect((await ask(key)).headers.get('idempotent-replayed')).toBeNull()
    expect(scene.provider.journal).toHaveLength(1)
  })

  it('with a key that is none is refused', async () => {
    for (const bad of ['', 'x'.repeat(256)]) {
      const refused = await ask(bad)
      expect([refused.status, codeOf(refused)]).toEqual([400, 'invalid_header'])
    }
  })
})

describe('an idempotency key whose request failed', () => {
  it.each([
    ['the provider asked for patience', { status: 429, body: { error: { message: 'slow down' } } }, 429],
    ['the provider is down', { status: 503, body: { error: { message: 'down' } } }, 503],
    ['the provider refused it', { status: 400, body: { error: { message: 'no such parameter', code: 'bad' } } }, 400],
  ])('is free again where nothing was done: %s', async (_why, answer, status) => {
    scene.provider.answer(answer)
    const key = randomUUID()
    const model = { model: `openai/gpt-4o-${status}` }
    expect((await ask(key, model)).status).toBe(status)
    scene.provider.answer({ body: completion('now') })
    const again = await until('the provider to be asked again', async () => {
      const found = await ask(key, model)
      return found.status === 503 ? undefined : found
    })
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([200, null])
  })

  it('is free again where the gateway itself refused', async () => {
    const key = randomUUID()
    expect(codeOf(await ask(key, { model: 'nobody/knows' }))).toBe('model_not_found')
    scene.provider.answer({ body: completion() })
    expect((await ask(key)).status).toBe(200)
  })

  it('is told the same failure where the provider may have billed, and never asks again', async () => {
    scene.provider.answer({ status: 200, body: '<html>', headers: { 'content-type': 'application/json' } })
    const key = randomUUID()
    const model = { model: 'google/gemini-odd' }
    const first = await ask(key, model)
    expect([first.status, codeOf(first)]).toEqual([502, 'upstream_protocol_error'])
    scene.provider.answer({ body: completion() })
    const again = await ask(key, model)
    expectReplay(again, first)
    expect([again.headers.get('x-should-retry'), again.headers.get('x-tollgate-error-origin')]).toEqual(['false', 'provider'])
    expect(await bookedFor(idOf(first), idOf(again))).toMatchObject([{ state: 'estimated' }])
  })

  it('is told the same broken stream', async () => {
    scene.provider.answer({ events: [delta('half')], end: 'reset' })
    const key = randomUUID()
    const body = { stream: true, model: 'openai/gpt-4o-half' }
    const first = await ask(key, body)
    expect(first.text).toContain('upstream_disconnected')
    expectReplay(await ask(key, body), first)
  })
})

describe('a client that leaves and comes again', () => {
  it.each([
    ['before the answer began', false],
    ['in the middle of a stream', true],
  ])('finds the answer, which was made to its end: %s', async (_when, stream) => {
    const frames = Array.from({ length: 40 }, (_, at) => delta(`word-${at} `))
    scene.provider.answer(
      stream ? { events: [delta('first '), 150, ...frames, finish(), usageFrame(), '[DONE]'] } : { body: completion('late'), after: 200 },
    )
    const key = randomUUID()
    const leaving = new AbortController()
    const asked = scene.post({ stream }, { ...keyed(key), signal: leaving.signal })
    await scene.provider.received()
    if (stream) await (await asked).body?.getReader().read()
    leaving.abort()
    await asked.catch(() => undefined)
    const found = await until('the answer', async () => {
      const again = await ask(key, { stream })
      return again.status === 409 ? undefined : again
    })
    expect([found.status, found.headers.get('idempotent-replayed')]).toEqual([200, 'true'])
    expect(found.text).toContain(stream ? 'word-39' : 'late')
    expect(scene.provider.journal).toHaveLength(1)
    expect(await bookedFor(found.headers.get('x-tollgate-original-request-id'))).toMatchObject([{ state: 'settled' }])
  })
})

describe('a client that leaves', () => {
  const leave = async (of: Relayed, body: object): Promise<void> => {
    const leaving = new AbortController()
    const response = await of.post({ ...body, stream: true }, { ...keyed('left'), signal: leaving.signal })
    await response.body?.getReader().read()
    leaving.abort()
  }

  it('while it takes nothing any more finds the whole stream', async () => {
    const frames = Array.from({ length: 400 }, (_, at) => delta(`${at}-${'x'.repeat(40_000)}`))
    const events = [delta('first'), ...frames, finish(), usageFrame(), '[DONE]']
    const wide = await openRelayed({ config: { 'gateway.yaml': 'sizes: { kept_answer: 64MiB }\n' }, script: { events } })
    const leaving = new AbortController()
    const response = await wide.post({ stream: true }, { ...keyed('stalled'), signal: leaving.signal })
    await until('the provider to be held back', async () => {
      const { written } = await wide.provider.received()
      await sleep(100)
      return wide.provider.journal[0]?.written === written ? true : undefined
    })
    leaving.abort()
    await response.text().catch(() => undefined)
    const found = await until('the answer', async () => {
      const again = await told(wide.post({ stream: true }, keyed('stalled')))
      return again.status === 409 ? undefined : again
    })
    expect(found.text.match(/data: /g)).toHaveLength(events.length - 1)
    expect(wide.provider.journal).toHaveLength(1)
    await wide.close()
  })

  it('does not hold up a gateway that stops longer than the drain’s timeout', async () => {
    const short = await openRelayed({ env: { DRAIN_TIMEOUT: '200ms' }, script: { events: [delta('never'), 60_000] } })
    await leave(short, {})
    const began = Date.now()
    await short.close()
    expect(Date.now() - began).toBeLessThan(3_000)
  })

  it('by its key’s revocation has its answer ended', async () => {
    scene.provider.answer({ events: [delta('cut'), 60_000] })
    const tenant = await scene.hand.tenant(`revoked-${randomUUID().slice(0, 8)}`, 'enterprise')
    await scene.hand.setting(tenant.id, 'OPENAI_API_KEY', 'sk-of-the-other-tenant-0001')
    await scene.hand.holds(tenant.key, 'openai/gpt-4o')
    const headers = { 'idempotency-key': 'revoked', authorization: `Bearer ${tenant.key}` }
    const leaving = new AbortController()
    const response = await scene.post({ stream: true }, { headers, signal: leaving.signal })
    await response.body?.getReader().read()
    leaving.abort()
    await scene.hand.run("UPDATE gateway_keys SET revoked_at = '2026-01-01T00:00:00Z' WHERE tenant_id = ?", tenant.id)
    expect(await scene.hand.settled(tenant.id)).toMatchObject([{ state: 'estimated', outcome: { code: 'client_closed_request' } }])
    await until('the provider to be stopped', () => scene.provider.journal[0]?.abortedAt)
  })
})

describe('what is sent on while it is read', () => {
  it('is made once, too: a form', async () => {
    scene.provider.answer({ body: { text: 'heard' } })
    const form = (model: string) => {
      const parts = new FormData()
      parts.set('model', model)
      parts.set('file', new Blob(['sound']), 'a.wav')
      return { method: 'POST', headers: { authorization: `Bearer ${scene.tenant.key}`, ...keyed('form').headers }, body: parts }
    }
    const hear = (model: string) => told(fetch(`${scene.gateway.url}/v1/audio/transcriptions`, form(model)))
    const first = await hear('openai/whisper-1')
    expect(first.status, first.text).toBe(200)
    expectReplay(await hear('openai/whisper-1'), first)
    expect(codeOf(await hear('openai/whisper-2'))).toBe('idempotency_key_reuse')
    expect(scene.provider.journal).toHaveLength(1)
  })

  it('is made once, too: a call of a provider’s own API', async () => {
    scene.provider.answer({ body: { id: 'batch_1' } })
    const call = (path: string, body: object) =>
      told(
        fetch(`${scene.gateway.url}/providers/openai/${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${scene.tenant.key}`, ...keyed('own-api').headers },
          body: JSON.stringify(body),
        }),
      )
    const first = await call('batches', { input_file_id: 'a' })
    expect(first.status, first.text).toBe(200)
    expectReplay(await call('batches', { input_file_id: 'a' }), first)
    expect(codeOf(await call('batches', { input_file_id: 'b' }))).toBe('idempotency_key_reuse')
    expect(codeOf(await call('batches/batch_1/cancel', { input_file_id: 'a' }))).toBe('idempotency_key_reuse')
    expect(scene.provider.journal).toHaveLength(1)
  })
})

describe('an answer larger than is kept', () => {
  const large = completion('x'.repeat(70_000))

  it('is given once, and afterwards only told of', async () => {
    scene.provider.answer({ body: large })
    const key = randomUUID()
    const first = await ask(key)
    expect(first.text).toContain('xxxxx')
    const again = await ask(key)
    expect([again.status, codeOf(again), again.headers.get('x-should-retry')]).toEqual([409, 'answer_not_kept', 'false'])
    expect(again.text).toContain(idOf(first))
    expect(again.headers.get('x-tollgate-original-request-id')).toBe(idOf(first))
    expect(scene.provider.journal).toHaveLength(1)
  })

  it('is no longer made for a client that has left', async () => {
    const frames = Array.from({ length: 30 }, () => delta('y'.repeat(4_000)))
    scene.provider.answer({ events: [delta('z'), 100, ...frames, 5_000, finish(), '[DONE]'] })
    const key = randomUUID()
    const leaving = new AbortController()
    const response = await scene.post({ stream: true }, { ...keyed(key), signal: leaving.signal })
    leaving.abort()
    await response.text().catch(() => undefined)
    await until('the provider to be stopped', () => scene.provider.journal[0]?.abortedAt)
    const again = await until('the end', async () => {
      const found = await ask(key, { stream: true })
      return codeOf(found) === 'request_in_progress' ? undefined : found
    })
    expect([again.status, codeOf(again)]).toEqual([409, 'answer_not_kept'])
    expect(scene.provider.journal).toHaveLength(1)
  })
})

describe('what is kept of a request with a key', () => {
  it('lies sealed, and neither the key nor a word of the answer is in the database', async () => {
    scene.provider.answer({ body: completion('canary-of-an-answer') })
    const key = `canary-key-${randomUUID()}`
    const first = await ask(key)
    const [row] = await scene.hand.rows('SELECT * FROM claims WHERE request_id = ?', idOf(first) ?? '')
    expect(row).toMatchObject({ state: 'kept', copy: expect.stringMatching(/^tg1:/) })
    expect(JSON.stringify(row)).not.toContain('canary')
  })

  it('goes with its erased tenant', async () => {
    const gone = await scene.gateway.tenant(`gone-${randomUUID().slice(0, 8)}`, 'enterprise')
    const answer = await scene.gateway.call('POST', '/v1/chat/completions', {
      key: gone.key,
      body: { model: 'demo/echo', messages: [{ role: 'user', content: 'Hello' }] },
      ...keyed('their-key'),
    })
    expect(answer.status).toBe(200)
    const receipt = await scene.gateway.api('DELETE', `/tenants/${gone.slug}?erase=true`)
    expect(receipt.body.receipt).toContainEqual({ table: 'claims', removed: 1, pseudonymised: 0, kept: 0 })
    expect(await scene.hand.rows('SELECT 1 FROM claims WHERE tenant_id = ?', gone.id)).toEqual([])
  })
})

describe('a gateway that was killed', () => {
  /** As the death of its process leaves a claim that ran. */
  const kill = (first: Told) =>
    scene.hand.run("UPDATE claims SET state = 'running', copy = NULL, until = 0 WHERE request_id = ?", idOf(first) ?? '')

  it('says that the answer is lost where a provider may have been asked, and does not ask again', async () => {
    scene.provider.answer({ body: completion() })
    const key = randomUUID()
    const first = await ask(key)
    await kill(first)
    for (const _again of [1, 2]) {
      const lost = await ask(key)
      expect([lost.status, codeOf(lost), lost.headers.get('x-should-retry')]).toEqual([409, 'answer_not_kept', 'false'])
      expect(JSON.parse(lost.text).error.message).toContain(idOf(first))
    }
    expect(scene.provider.journal).toHaveLength(1)
  })

  it('does it anew where by the books none was', async () => {
    scene.provider.answer({ body: completion() })
    const key = randomUUID()
    const first = await ask(key)
    await kill(first)
    await scene.hand.run(
      "UPDATE ends SET state = 'released' WHERE seq IN (SELECT seq FROM attempts WHERE request_id = ?)",
      idOf(first) ?? '',
    )
    const again = await ask(key)
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([200, null])
    expectReplay(await ask(key), again)
    expect(scene.provider.journal).toHaveLength(2)
  })
})

describe('two gateways over one database', () => {
  it('ask a provider once, and tell each other’s answers', async () => {
    const one = await openRelayed({ script: { body: completion('one of two'), after: 100 } })
    const other = await openRelayed({ state: one.gateway.state, tenant: one.tenant, script: { body: completion('the other'), after: 100 } })
    const both = [one, other].map((scene) => () => told(scene.post({}, keyed('both'))))
    const many = await Promise.all(Array.from({ length: 10 }, () => both.map((asked) => asked())).flat())
    // Who came late may have found the answer made.
    const [first, ...more] = many.filter(({ status, headers }) => status !== 409 && headers.get('idempotent-replayed') === null)
    expect([first?.status, more]).toEqual([200, []])
    for (const again of await Promise.all(both.map((asked) => asked()))) expectReplay(again, first!)
    expect(one.provider.journal.length + other.provider.journal.length).toBe(1)
    expect(await one.hand.booked(one.tenant.id)).toMatchObject([{ state: 'settled' }])
    await other.close()
    await one.close()
  })
})

describe('a gateway that was started anew', () => {
  it('tells the answers of the one before', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tollgate-again-'))
    const state = await stateIn(folder)
    const before = await openRelayed({ state, script: { body: completion('before') } })
    const first = await told(before.post({}, keyed('anew')))
    const { tenant } = before
    await before.close()
    const after = await openRelayed({ state, script: { body: completion('after') }, tenant })
    expectReplay(await told(after.post({}, keyed('anew'))), first)
    await after.close()
    await state.drop()
    rmSync(folder, { recursive: true })
  })
})
