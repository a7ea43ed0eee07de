import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Received, ScriptedAnswer } from '../support/fake-provider.ts'
import { type Families, openFamilies } from '../support/families.ts'

// Answers that a provider keeps under their ids: whoever was given one may ask for it and go on from it, and nobody else can tell that it is there.

interface Holder {
  readonly id: string
  readonly key: string
}

let scene: Families
/** Two tenants that share the platform's account, and one with an account of its own. */
let ada: Holder
let bob: Holder
let own: Holder
let made = 0

beforeAll(async () => {
  scene = await openFamilies(['openai', 'anthropic', 'xai'], {
    env: {
      OPENAI_API_KEY: 'platform-key-of-openai-0001',
      ...{ XAI_API_KEY: 'platform-key-of-xai-0001', XAI_API_KEY_2: 'platform-key-of-xai-0002', XAI_API_KEY_3: 'platform-key-of-xai-0003' },
    },
  })
  ada = await scene.hand.tenant('ada', 'enterprise')
  bob = await scene.hand.tenant('bob', 'enterprise')
  own = scene.tenant
})
afterAll(() => scene.close())
beforeEach(() => {
  scene.provider.journal.length = 0
  scene.provider.answer(keeping)
})

/** A provider that keeps every answer under a new id, and knows its path. */
function keeping({ method, path, body }: Received): ScriptedAnswer {
  if (method === 'DELETE') return { body: { id: path.split('/').at(-1), object: 'response', deleted: true } }
  if (path.includes('input_items')) return { body: { object: 'list', data: [] } }
  const id = /\/responses\/([^/?]+)/.exec(path)?.[1] ?? `resp_${String(++made).padStart(3, '0')}_0123456789abcdef`
  const response = {
    id,
    object: 'response',
    status: 'completed',
    model: 'gpt-4o-mini',
    output: [],
    usage: { input_tokens: 9, output_tokens: 4, total_tokens: 13 },
  }
  const asked = body.length > 0 ? JSON.parse(body.toString()) : {}
  if (!asked.stream && !path.includes('stream=true')) return { body: response }
  const events = ['created', 'completed'].map(
    (what, at) => `event: response.${what}\ndata: ${JSON.stringify({ type: `response.${what}`, sequence_number: at, response })}\n\n`,
  )
  return { headers: { 'content-type': 'text/event-stream' }, chunks: events }
}

/** `DELETE /v1/…`; without a method GET, or POST where there is a body. */
function ask(who: Holder, target: string, body?: object): Promise<Response> {
  const [path = '', method = body ? 'POST' : 'GET'] = target.split(' ').reverse()
  return fetch(scene.gateway.url + path, {
    method,
    headers: { authorization: `Bearer ${who.key}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
}

const MODEL = 'openai/gpt-4o-mini'

async function madeBy(who: Holder, more: object = {}): Promise<string> {
  const response = await ask(who, '/v1/responses', { model: MODEL, input: 'hi', ...more })
  const text = await response.text()
  expect(response.status, text).toBe(200)
  return /"id":"(resp_[^"]+)"/.exec(text)![1]!
}

async function outcome(response: Response): Promise<[number, string | undefined]> {
  const text = await response.text()
  return [response.status, /"code":"([^"]+)"/.exec(text)?.[1]]
}

describe('an answer that was given to a tenant', () => {
  it.each([
    { where: 'in the platform’s account', who: () => ada, key: 'platform-key-of-openai-0001', source: 'platform' },
    { where: 'in its own account', who: () => own, key: 'key-of-OPENAI_API_KEY-0001', source: 'tenant' },
  ])('can be asked for, item by item, stopped and deleted, $where', async ({ who, key, source }) => {
    const id = await madeBy(who())
    const asks: [string, string, string][] = [
      ['GET', `/v1/responses/${id}`, `/openai/v1/responses/${id}`],
      ['GET', `/responses/${id}?include[]=reasoning.encrypted_content`, `/openai/v1/responses/${id}?include[]=reasoning.encrypted_content`],
      ['GET', `/openai/v1/responses/${id}/input_items?limit=2`, `/openai/v1/responses/${id}/input_items?limit=2`],
      ['POST', `/v1/responses/${id}/cancel`, `/openai/v1/responses/${id}/cancel`],
      ['DELETE', `/v1/responses/${id}`, `/openai/v1/responses/${id}`],
    ]
    for (const [method, path, sent] of asks) {
      const response = await ask(who(), `${method} ${path}`)
      expect([response.status, response.headers.get('x-tollgate-key-source')], path).toEqual([200, source])
      expect(await response.json()).toBeTypeOf('object')
      const received = scene.provider.journal.at(-1)!
      expect([received.method, received.path, received.headers['authorization']]).toEqual([method, sent, `Bearer ${key}`])
    }
  })

  it('can be read as a stream, its bytes untouched', async () => {
    const id = await madeBy(ada, { stream: true })
    const response = await ask(ada, `/v1/responses/${id}?stream=true&starting_after=1`)
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const told = await response.text()
    expect(told).toContain(`event: response.completed\ndata: {"type":"response.completed","sequence_number":1,"response":{"id":"${id}"`)
  })

  it('is there as soon as a stream has told its id', async () => {
    const id = 'resp_early_0123456789'
    const event = (type: string) => `event: ${type}\ndata: ${JSON.stringify({ type, response: { id, status: 'in_progress' } })}\n\n`
    scene.provider.answer(({ method }) =>
      method === 'POST'
        ? { headers: { 'content-type': 'text/event-stream' }, chunks: [event('response.created'), 2_000], end: 'never' }
        : { body: { id } },
    )
    const left = new AbortController()
    const streamed = await fetch(`${scene.gateway.url}/v1/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ada.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: MODEL, input: 'hi', stream: true }),
      signal: left.signal,
    })
    await streamed.body!.getReader().read()
    expect((await ask(ada, `/v1/responses/${id}`)).status).toBe(200)
    left.abort()
  })

  it('is paid once: asking for it is free', async () => {
    const id = await madeBy(ada)
    const before = (await scene.hand.settled(ada.id)).length
    await (await ask(ada, `/v1/responses/${id}`)).text()
    const rows = await scene.hand.settled(ada.id, before + 1)
    expect(rows.at(-1)).toMatchObject({ state: 'released', cost: 0, outcome: { status: 200 } })
  })

  it('is asked for and gone on from with the very key of several that it lies under', async () => {
    const asked = (): (string | undefined)[] => scene.provider.journal.splice(0).map(({ headers }) => headers['authorization'])
    for (let turn = 0; turn < 6; turn++) {
      const id = await madeBy(ada, { model: 'xai/grok-3-mini' })
      const [key] = asked()
      await (await ask(ada, `/v1/responses/${id}`)).text()
      await madeBy(ada, { model: 'xai/grok-3-mini', previous_response_id: id })
      expect(asked()).toEqual([key, key])
    }
  })

  it('can be gone on from', async () => {
    const id = await madeBy(ada)
    expect((await ask(ada, '/v1/responses', { model: MODEL, input: 'and?', previous_response_id: id })).status).toBe(200)
    expect(JSON.parse(scene.provider.journal.at(-1)!.body.toString())).toMatchObject({ previous_response_id: id, model: 'gpt-4o-mini' })
  })

  it('is not there where it was not to be stored', async () => {
    const id = await madeBy(ada, { store: false })
    expect(await outcome(await ask(ada, `/v1/responses/${id}`))).toEqual([404, 'response_not_found'])
  })

  it('is remembered by a digest, and with its tenant forgotten', async () => {
    const gone = await scene.hand.tenant('gone', 'enterprise')
    const id = await madeBy(gone)
    const rows = await scene.hand.rows('SELECT * FROM keepers WHERE tenant_id = ?', gone.id)
    expect(rows).toMatchObject([{ provider: 'openai', wire_model: 'gpt-4o-mini', source: 'platform' }])
    expect(JSON.stringify(rows)).not.toContain(id)
    await scene.gateway.api('DELETE', '/tenants/gone')
    expect(await scene.hand.rows('SELECT * FROM keepers WHERE tenant_id = ?', gone.id)).toEqual([])
  })
})

describe('another tenant’s answer', () => {
  it('looks like one that does not exist, however it is asked for', async () => {
    const id = await madeBy(ada)
    scene.provider.journal.length = 0
    const none = 'resp_000_0123456789abcdef'
    const asks: [string, (id: string) => string][] = [
      ['GET', (named) => `/v1/responses/${named}`],
      ['GET', (named) => `/v1/responses/${named}?stream=true`],
      ['GET', (named) => `/v1/responses/${named}/input_items`],
      ['POST', (named) => `/v1/responses/${named}/cancel`],
      ['DELETE', (named) => `/v1/responses/${named}`],
    ]
    for (const [method, path] of asks) {
      for (const who of [bob, own]) {
        const [foreign, absent] = await Promise.all([ask(who, `${method} ${path(id)}`), ask(who, `${method} ${path(none)}`)])
        expect(foreign.status).toBe(404)
        expect(await anonymous(foreign, id), `${method} ${path('…')}`).toEqual(await anonymous(absent, none))
      }
    }
    expect(scene.provider.journal, 'nobody asked the provider').toEqual([])
    expect((await ask(ada, `/v1/responses/${id}`)).status, 'it is still there for its own').toBe(200)
  })

  it('cannot be gone on from in the account that both share', async () => {
    const id = await madeBy(ada)
    scene.provider.journal.length = 0
    for (const named of [id, 'resp_000_0123456789abcdef']) {
      const refused = await ask(bob, '/v1/responses', { model: MODEL, input: 'what did she say?', previous_response_id: named })
      expect(await outcome(refused)).toEqual([404, 'response_not_found'])
    }
    const chat = await ask(bob, '/v1/chat/completions', { model: MODEL, messages: [], previous_response_id: id })
    expect(await outcome(chat)).toEqual([404, 'response_not_found'])
    expect(await outcome(await ask(bob, '/v1/responses', { model: MODEL, input: 'x', conversation: 'conv_1' }))).toEqual([
      404,
      'response_not_found',
    ])
    const object = { id: 'conv_1' }
    expect(
      await outcome(await ask(ada, '/v1/responses', { model: MODEL, input: 'x', previous_response_id: id, conversation: object })),
    ).toEqual([404, 'response_not_found'])
    expect(scene.provider.journal).toEqual([])
  })

  it('is the provider’s to refuse in an account of the tenant’s own, where it cannot be', async () => {
    const id = await madeBy(ada)
    scene.provider.answer({
      status: 400,
      body: { error: { message: 'Previous response not found.', code: 'previous_response_not_found', type: 'invalid_request_error' } },
    })
    const refused = await ask(own, '/v1/responses', { model: MODEL, input: 'x', previous_response_id: id })
    expect(await outcome(refused)).toEqual([400, 'previous_response_not_found'])
    expect(scene.provider.journal.at(-1)?.headers['authorization']).toBe('Bearer key-of-OPENAI_API_KEY-0001')
  })

  it('stays hidden where the plan only observes', async () => {
    const id = await madeBy(ada)
    const watched = await scene.hand.tenant('observed', 'enterprise', { enforcement: 'observe' })
    expect(await outcome(await ask(watched, `/v1/responses/${id}`))).toEqual([404, 'response_not_found'])
    const going = await ask(watched, '/v1/responses', { model: MODEL, input: 'x', previous_response_id: id })
    expect(await outcome(going)).toEqual([404, 'response_not_found'])
  })
})

describe('what only such providers keep', () => {
  it('is refused by name of one that keeps nothing', async () => {
    const asked = { model: 'anthropic/claude-haiku-4-5', input: 'x' }
    for (const kept of [{ previous_response_id: 'resp_1' }, { conversation: 'conv_1' }, { store: true }, { background: true }]) {
      const response = await ask(own, '/v1/responses', { ...asked, ...kept })
      expect([response.status, await response.text()]).toEqual([400, expect.stringContaining(Object.keys(kept)[0]!)])
    }
    expect(scene.provider.journal).toEqual([])
  })

  it('is not gone on from under another key than it lies under', async () => {
    const moved = await scene.hand.tenant('moved', 'enterprise')
    const id = await madeBy(moved)
    await scene.hand.setting(moved.id, 'OPENAI_API_KEY', 'key-of-moved-0001')
    await expect
      .poll(async () => (await ask(moved, '/v1/responses', { model: MODEL, input: 'x' })).headers.get('x-tollgate-key-source'))
      .toBe('tenant')
    scene.provider.journal.length = 0
    const refused = await ask(moved, '/v1/responses', { model: MODEL, input: 'x', previous_response_id: id })
    expect([refused.status, await refused.text()]).toEqual([404, expect.stringContaining('key source platform')])
    expect((await ask(moved, `/v1/responses/${id}`)).status).toBe(404)
    expect(scene.provider.journal).toEqual([])
  })

  it('is no background answer on the platform’s money, since what it uses could not be booked', async () => {
    expect(await outcome(await ask(ada, '/v1/responses', { model: MODEL, input: 'x', background: true }))).toEqual([
      400,
      'unsupported_parameter',
    ])
    expect((await ask(own, '/v1/responses', { model: MODEL, input: 'x', background: true })).status).toBe(200)
  })
})

it('takes the methods there are, and ids that can be ids', async () => {
  expect((await ask(ada, 'PUT /v1/responses/resp_1', {})).headers.get('allow')).toBe('GET, DELETE, OPTIONS')
  expect((await ask(ada, '/v1/responses/resp_1/cancel')).status).toBe(405)
  for (const id of ['..', '%2e%2e', 'a%2fb', 'a.b', 'x'.repeat(300)])
    expect((await ask(ada, `/v1/responses/${id}/input_items`)).status, id).toBe(404)
  expect(await outcome(await ask(ada, '/v1/responses/resp_1?api_key=sk'))).toEqual([400, 'invalid_value'])
})

/** All that a client sees, but for the id and the time it asked with. */
async function anonymous(response: Response, id: string): Promise<unknown> {
  const { 'x-request-id': requestId = '', date: _date, ...headers } = Object.fromEntries(response.headers)
  const body = (await response.text()).replaceAll(id, 'ID').replaceAll(requestId, 'REQUEST')
  const left = Object.entries(headers).filter(([name]) => !name.startsWith('x-ratelimit-'))
  return { status: response.status, headers: Object.fromEntries(left), body }
}
