import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { completion, delta, finish, openRelayed, type Relayed, usageFrame } from '../support/relayed.ts'
import { many } from '../support/state.ts'

// Equal requests of a tenant are given the same answer for a while, where the plan, the route or the request says so.

const MODELS = `
routes:
  remembered: { candidates: [openai/gpt-4o], cache: { ttl: 1h } }
  forgotten: { candidates: [openai/gpt-4o], cache: none }
  brief: { candidates: [openai/gpt-4o], cache: { ttl: 1s } }
`
const SIZES = 'sizes: { kept_answer: 64KiB, cache: 512KiB }\n'

let scene: Relayed
/** On a plan that caches, on the platform's money. */
let cachers: { id: string; slug: string; key: string }
let asked = 0
beforeAll(async () => {
  scene = await openRelayed({
    config: { 'gateway.yaml': SIZES, 'models.yaml': MODELS },
    env: { OPENAI_API_KEY: 'sk-of-the-platform-0001' },
  })
  cachers = await scene.gateway.tenant('cachers', 'enterprise', { cache: { ttl: '10m' } })
})
afterAll(() => scene.close())
beforeEach(() => {
  scene.provider.journal.length = 0
  scene.provider.answer({ body: completion('first') })
})

interface Told {
  readonly status: number
  readonly text: string
  readonly headers: Headers
  /** `hit`, `miss`, `off`, or nothing. */
  readonly cache: string | null
}

async function told(request: Promise<Response>): Promise<Told> {
  const { status, headers, ...response } = await request.then(async (got) => ({
    status: got.status,
    headers: got.headers,
    text: await got.text(),
  }))
  return { status, headers, text: response.text, cache: headers.get('x-tollgate-cache') }
}

/** A prompt that no other test has. */
const fresh = (): object => ({ messages: [{ role: 'user', content: `question ${++asked}` }] })

const ask = (body: object, headers: Record<string, string> = {}) => told(scene.post(body, { headers }))
const USE = { 'x-tollgate-cache': 'use' }

describe('a request that may be given an answer again', () => {
  it('because it says so: the first is made, the next is told, however it is written', async () => {
    const body = fresh()
    const first = await ask(body, USE)
    expect([first.status, first.cache]).toEqual([200, 'miss'])
    const again = await ask({ ...body, model: 'openai/gpt-4o' }, USE)
    expect([again.status, again.cache, again.text]).toEqual([200, 'hit', first.text])
    expect(again.headers.get('age')).toMatch(/^\d+$/)
    expect(again.headers.get('x-tollgate-original-request-id')).toBe(first.headers.get('x-request-id'))
    expect(again.headers.get('x-tollgate-model')).toBe('gpt-4o')
    expect(scene.provider.journal).toHaveLength(1)
  })

  it('because its route says so', async () => {
    const body = { ...fresh(), model: 'remembered' }
    expect([(await ask(body)).cache, (await ask(body)).cache, (await ask(body)).headers.get('x-tollgate-route')]).toEqual([
      ...['miss', 'hit', 'remembered'],
    ])
  })

  it('because its plan says so, unless the route or the request says otherwise', async () => {
    const as = { authorization: `Bearer ${cachers.key}` }
    const body = fresh()
    expect([(await ask(body, as)).cache, (await ask(body, as)).cache]).toEqual(['miss', 'hit'])
    const elsewhere = { ...body, model: 'forgotten' }
    expect([(await ask(elsewhere, as)).cache, (await ask(elsewhere, as)).cache]).toEqual([null, null])
    expect((await ask(body, { ...as, 'x-tollgate-cache': 'off' })).cache).toBe('off')
    expect((await ask(body, { ...as, 'x-tollgate-cache': 'refresh' })).cache).toBe('miss')
    expect(scene.provider.journal).toHaveLength(5)
  })

  it('is asked anew with refresh, and what that brings serves the next', async () => {
    const body = fresh()
    await ask(body, USE)
    scene.provider.answer({ body: completion('second') })
    expect((await ask(body, { 'x-tollgate-cache': 'refresh' })).text).toContain('second')
    const next = await ask(body, USE)
    expect([next.cache, next.text]).toEqual(['hit', expect.stringContaining('second')])
  })

  it('is told a stream as a stream, and never a whole answer in its place', async () => {
    scene.provider.answer({ events: [delta('one '), 5, delta('two'), 5, finish(), usageFrame(), '[DONE]'] })
    const body = { ...fresh(), stream: true }
    const first = await ask(body, USE)
    const again = await ask(body, USE)
    expect([again.cache, again.text]).toEqual(['hit', first.text])
    expect(again.headers.get('content-type')).toContain('text/event-stream')
    scene.provider.answer({ body: completion('whole') })
    const whole = await ask({ ...body, stream: false }, USE)
    expect([whole.cache, whole.headers.get('content-type')]).toEqual(['miss', 'application/json'])
  })

  it('in Anthropic’s format, by the headers of that format, too', async () => {
    scene.provider.answer({
      body: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'claude',
        content: [{ type: 'text', text: 'hm' }],
        stop_reason: 'end_turn',
        usage: { input_tokens: 3, output_tokens: 1 },
      },
    })
    const body = JSON.stringify({
      model: 'anthropic/claude-haiku-4-5',
      max_tokens: 9,
      messages: [{ role: 'user', content: `question ${++asked}` }],
    })
    const say = (headers: Record<string, string>) =>
      told(
        fetch(`${scene.gateway.url}/v1/messages`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-api-key': scene.tenant.key, ...USE, ...headers },
          body,
        }),
      )
    const first = await say({})
    expect([first.status, first.cache, (await say({})).cache]).toEqual([200, 'miss', 'hit'])
    expect((await say({ 'anthropic-beta': 'context-1m-2025-08-07' })).cache).toBe('miss')
  })

  it('is not told another body’s, another format’s or another tenant’s answer', async () => {
    const body = { ...fresh(), seed: 1 }
    await ask(body, USE)
    expect((await ask({ ...body, seed: 2 }, USE)).cache).toBe('miss')
    expect((await ask(body, { ...USE, authorization: `Bearer ${cachers.key}` })).cache).toBe('miss')
    const messages = await scene.gateway.call('POST', '/v1/messages', {
      key: scene.tenant.key,
      headers: USE,
      body: { ...body, model: 'openai/gpt-4o', max_tokens: 5 },
    })
    expect(messages.headers.get('x-tollgate-cache')).toBe('miss')
  })

  it('is asked anew when the answer is too old', async () => {
    const body = { ...fresh(), model: 'brief' }
    expect([(await ask(body)).cache, (await ask(body)).cache]).toEqual(['miss', 'hit'])
    await expect.poll(async () => (await ask(body)).cache, { timeout: 3_000, interval: 300 }).toBe('miss')
  })

  it('must say it in words that are known', async () => {
    const refused = await ask(fresh(), { 'x-tollgate-cache': 'yes' })
    expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([400, 'invalid_header'])
    expect((await ask(fresh(), USE)).status).toBe(200)
  })
})

describe('a hit', () => {
  const as = () => ({ authorization: `Bearer ${cachers.key}` })

  it('is a row of the books at no cost, with what it saved', async () => {
    const body = fresh()
    const first = await ask(body, as())
    const again = await ask(body, as())
    expect([first.headers.get('x-tollgate-charge-usd'), again.headers.get('x-tollgate-charge-usd')]).toEqual([
      ...[expect.stringMatching(/^0\.0/), '0'],
    ])
    const id = again.headers.get('x-request-id')
    const { body: shown } = await scene.gateway.api('GET', `/requests/${id}`)
    expect(shown.attempts).toMatchObject([
      { state: 'settled', status: 200, charge_usd: '0', cost_usd: '0', cached: true, key_source: 'platform', lines: [] },
    ])
    const saved = first.headers.get('x-tollgate-charge-usd')
    expect(shown.attempts[0].saved_usd).toBe(saved)
  })

  it('shows in usage, by the sums and by the rows', async () => {
    const { key, slug } = await scene.gateway.tenant('counted', 'enterprise', { cache: { ttl: '10m' } })
    const body = fresh()
    const say = () => ask(body, { authorization: `Bearer ${key}` })
    const first = await say()
    await say()
    await say()
    const charge = Number(first.headers.get('x-tollgate-charge-usd'))
    for (const by of ['model', 'tag']) {
      const { body: usage } = await scene.gateway.api('GET', `/usage?tenant=${slug}&by=${by}`)
      expect(usage.total).toMatchObject({ requests: 3, cached: 2, input_tokens: 7 })
      expect([Number(usage.total.charge_usd), Number(usage.total.saved_usd)]).toEqual([charge, expect.closeTo(2 * charge, 9)])
    }
    const own = await scene.gateway.call('GET', '/v1/usage', { key })
    expect(own.body.total).toMatchObject({ requests: 3, cached: 2 })
    expect(own.body.total.saved_usd).toBeUndefined()
  })

  it('is judged as a call is: by the key, the plan, the limits and the model', async () => {
    const { key, slug } = await scene.gateway.tenant('judged', 'enterprise', { cache: { ttl: '10m' }, limits: { rpm: 3 } })
    const body = fresh()
    const say = () => ask(body, { authorization: `Bearer ${key}` })
    expect([(await say()).cache, (await say()).cache]).toEqual(['miss', 'hit'])
    await scene.gateway.api('PATCH', `/tenants/${slug}`, {
      overrides: { cache: { ttl: '10m' }, models: ['anthropic/*'], byok: { allowed: false } },
    })
    const barred = await say()
    expect([barred.status, JSON.parse(barred.text).error.code]).toEqual([403, 'model_not_in_plan'])
    await scene.gateway.api('PATCH', `/tenants/${slug}`, { overrides: { cache: { ttl: '10m' }, limits: { rpm: 3 } } })
    expect((await say()).cache).toBe('hit')
    const limited = await say()
    expect([limited.status, JSON.parse(limited.text).error.code]).toEqual([429, 'rate_limit_exceeded'])
    await scene.gateway.api('PATCH', `/tenants/${slug}`, { status: 'suspended' })
    expect((await say()).status).toBe(403)
  })

  it('gives back the tokens that were held for it', async () => {
    const { key } = await scene.gateway.tenant('tokens', 'enterprise', { cache: { ttl: '10m' }, limits: { tpm: 1_000 } })
    const say = (body: object) => ask(body, { authorization: `Bearer ${key}` })
    const body = fresh()
    await say(body)
    const left = (await say(body)).headers.get('x-ratelimit-remaining-tokens')
    expect((await say(body)).headers.get('x-ratelimit-remaining-tokens')).toBe(left)
  })
})

describe('what is not kept', () => {
  it.each([
    ['a refusal', { status: 400, body: { error: { message: 'no' } } }, {}],
    ['an answer that is none', { body: '<html>', headers: { 'content-type': 'application/json' } }, {}],
    ['a stream that broke off', { events: [delta('half')], end: 'reset' as const }, { stream: true }],
    ['a stream without an end', { events: [delta('half')] }, { stream: true }],
    ['an answer larger than is kept', { body: completion('x'.repeat(70_000)) }, {}],
  ])('%s', async (_what, answer, more) => {
    const body = { ...fresh(), ...more, model: 'openai/gpt-4o-odd' }
    scene.provider.answer(answer)
    await ask(body, USE)
    await ask(body, USE)
    expect(scene.provider.journal.length).toBe(2)
  })

  it('is an answer whose client left, what a provider keeps itself, and what tells its own cost', async () => {
    scene.provider.answer({ events: [delta('first'), 100, finish(), '[DONE]'] })
    const body = { ...fresh(), stream: true }
    const leaving = new AbortController()
    const left = await scene.post(body, { headers: USE, signal: leaving.signal })
    leaving.abort()
    await left.text().catch(() => undefined)
    expect((await ask(body, USE)).cache).toBe('miss')
    scene.provider.answer({ body: completion('costs') })
    expect((await ask(fresh(), { ...USE, 'x-tollgate-usage-cost': 'true' })).cache).toBe('off')
    scene.provider.answer({
      body: {
        id: 'resp_1',
        object: 'response',
        status: 'completed',
        output: [],
        usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
      },
    })
    const respond = (more: object) =>
      scene.gateway.call('POST', '/v1/responses', {
        key: scene.tenant.key,
        headers: USE,
        body: { model: 'openai/gpt-4o', input: `question ${++asked}`, ...more },
      })
    expect((await respond({})).headers.get('x-tollgate-cache')).toBe('off')
    expect((await respond({ store: false })).headers.get('x-tollgate-cache')).toBe('miss')
  })

  const room = many ? ', skipped: in Redis the room is its own' : ''
  it.skipIf(many)(`is more than there is room for: what was not asked for longest goes first${room}`, async () => {
    scene.provider.answer({ body: completion('y'.repeat(50_000)) })
    const bodies = Array.from({ length: 14 }, fresh)
    for (const body of bodies) await ask(body, USE)
    scene.provider.journal.length = 0
    expect([(await ask(bodies.at(-1)!, USE)).cache, (await ask(bodies[0]!, USE)).cache]).toEqual(['hit', 'miss'])
  })

  it('is what belonged to a tenant that is gone, though another has its id', async () => {
    const body = fresh()
    const made = async () => {
      await scene.gateway.api('POST', '/tenants', { slug: 'twice', id: 'tn-twice', plan: 'enterprise' })
      return (await scene.gateway.api('POST', '/tenants/twice/keys', {})).body.key
    }
    const say = (key: string) => ask(body, { ...USE, authorization: `Bearer ${key}` })
    const key = await made()
    expect([(await say(key)).cache, (await say(key)).cache]).toEqual(['miss', 'hit'])
    await scene.gateway.api('DELETE', '/tenants/twice?erase=true')
    expect((await say(key)).status).toBe(401)
    expect((await say(await made())).cache).toBe('miss')
  })
})

it('with a request that comes again with its idempotency key, tells what was told then', async () => {
  const body = fresh()
  await ask(body, USE)
  const hit = await ask(body, { ...USE, 'idempotency-key': 'of-a-hit' })
  const again = await ask(body, { ...USE, 'idempotency-key': 'of-a-hit' })
  expect([hit.cache, again.cache, again.headers.get('idempotent-replayed'), again.text]).toEqual(['hit', 'hit', 'true', hit.text])
})
