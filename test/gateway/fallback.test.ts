import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Received } from '../support/fake-provider.ts'
import { completion, openRelayed, type Relayed } from '../support/relayed.ts'

// What a plan has in place of what cannot be served.

const MODELS = `
routes:
  pair: [openai/first, groq/second]
  bare: [groq/bare]
  other: [groq/other]
  safe: [google/gemini-2.5-flash]
models:
  small: { context: 1000, offers: [{ provider: openai, wire_model: small, price: { input: 1, output: 1 } }] }
  dear: { offers: [{ provider: mistral, wire_model: dear, price: { input: 1000, output: 1000 } }] }
`

let scene: Relayed
beforeAll(async () => {
  scene = await openRelayed({
    env: { MISTRAL_API_KEY: 'mistral-key-of-the-platform' },
    providers: { mistral: 'http://127.0.0.1:1' },
    config: { 'models.yaml': MODELS },
  })
})
afterAll(() => scene.close())
beforeEach(() => {
  scene.provider.journal.length = 0
})

let names = 0
async function tenantWith(fallback: readonly object[], more: object = {}): Promise<{ id: string; key: string }> {
  const tenant = await scene.hand.tenant(`falling-${++names}`, 'enterprise', { fallback, ...more })
  for (const name of ['OPENAI', 'ANTHROPIC', 'GOOGLE', 'GROQ'])
    await scene.hand.setting(tenant.id, `${name}_API_KEY`, `${name}-key-${names}-of-it`)
  await scene.hand.holds(tenant.key, 'groq/any')
  await scene.hand.holds(tenant.key, 'google/gemini-2.5-flash')
  return tenant
}

interface Got {
  status: number
  content: string | undefined
  code: string | undefined
  route: string | null
  attempts: string | null
  booked: [provider: string, state: string, fallback: string | undefined][]
}

async function ask({ id, key }: { id: string; key: string }, body: object, headers: Record<string, string> = {}): Promise<Got> {
  const answer = await scene.gateway.call('POST', '/v1/chat/completions', {
    key,
    headers,
    body: { messages: [{ role: 'user', content: 'Hello' }], ...body },
  })
  const requestId = answer.headers.get('x-request-id')
  const rows = (await scene.hand.booked(id)).length > 0 ? await scene.hand.settled(id) : []
  return {
    status: answer.status,
    content: answer.body.choices?.[0]?.message?.content,
    code: answer.body.error?.metadata?.code ?? answer.body.error?.code,
    route: answer.headers.get('x-tollgate-route'),
    attempts: answer.headers.get('x-tollgate-attempts'),
    booked: rows
      .filter(({ start }) => start.requestId === requestId)
      .map(({ start, state }) => [start.provider, state, (start as { fallback?: string }).fallback]),
  }
}

const of = ({ path }: Received): string => path.split('/')[1] ?? ''
const says = (status: number, error: object) => ({ status, body: { error: { message: 'No.', ...error } } })
const gemini = { body: { candidates: [{ content: { parts: [{ text: 'From Gemini.' }], role: 'model' }, finishReason: 'STOP' }] } }

describe('an outage', () => {
  const down = (request: Received) => (of(request) === 'google' ? gemini : says(503, {}))

  it('of every offer leads to the other model; the answer and the books tell', async () => {
    const tenant = await tenantWith([{ on: 'outage', to: 'safe', pay: 'tenant' }])
    scene.provider.answer(down)
    expect(await ask(tenant, { model: 'pair' })).toEqual({
      status: 200,
      content: 'From Gemini.',
      code: undefined,
      route: 'pair -> safe (outage)',
      attempts: '3',
      booked: [
        ['openai', 'released', undefined],
        ['groq', 'released', undefined],
        ['google', 'estimated', 'outage'],
      ],
    })
  })

  it('is told where the fallback fails too, which is the last', async () => {
    const tenant = await tenantWith([{ on: 'outage', to: 'safe', pay: 'tenant' }])
    scene.provider.answer(says(503, {}))
    expect(await ask(tenant, { model: 'pair' })).toMatchObject({ status: 503, attempts: '3', booked: [{}, {}, {}] })
  })

  it('is none where the request may have been processed, unless the client allows it', async () => {
    const tenant = await tenantWith([{ on: 'outage', to: 'safe', pay: 'tenant' }])
    scene.provider.answer((request) => (of(request) === 'google' ? gemini : { status: 500, body: {} }))
    expect(await ask(tenant, { model: 'bare' })).toMatchObject({ status: 500, attempts: '1' })
    expect(await ask(tenant, { model: 'bare' }, { 'idempotency-key': 'once' })).toMatchObject({ status: 200, attempts: '2' })
  })

  it.each([400, 401, 429])('is none where a provider says %s', async (status) => {
    const tenant = await tenantWith([{ on: 'outage', to: 'safe', pay: 'tenant' }])
    scene.provider.answer((request) => (of(request) === 'google' ? gemini : says(status, {})))
    expect((await ask(tenant, { model: 'bare' })).route).not.toContain('->')
  })

  it('leads a name that says its provider to no other', async () => {
    const tenant = await tenantWith([{ on: 'outage', to: 'safe', pay: 'tenant' }])
    scene.provider.answer(down)
    expect(await ask(tenant, { model: 'openai/first' })).toMatchObject({ status: 503, attempts: '1' })
  })

  it("leads to the platform's money only where the rule says so, and never against the caller's word", async () => {
    const [mine, ours] = await Promise.all([
      tenantWith([{ on: 'outage', to: 'mistral/any', pay: 'tenant' }], { unpriced: 'allow' }),
      tenantWith([{ on: 'outage', to: 'mistral/any', pay: 'platform' }], { unpriced: 'allow' }),
    ])
    scene.provider.answer(says(503, {}))
    const providers = async (tenant: { id: string; key: string }, headers = {}) =>
      (await ask(tenant, { model: 'bare' }, headers)).booked.map(([provider]) => provider)
    expect(await providers(mine)).toEqual(['groq'])
    expect(await providers(ours, { 'x-tollgate-pay': 'tenant' })).toEqual(['groq'])
    expect(await providers(ours)).toEqual(['groq', 'mistral'])
  })

  it('is judged by the plan: a fallback that the plan does not let the tenant use is none', async () => {
    const rule = { on: 'outage', to: 'mistral/any', pay: 'platform' }
    const tenant = await tenantWith([rule], { providers: ['*', '!mistral'], unpriced: 'allow' })
    scene.provider.answer(says(503, {}))
    expect((await ask(tenant, { model: 'bare' })).booked.map(([provider]) => provider)).toEqual(['groq'])
  })
})

describe('a prompt that does not fit', () => {
  const rule = [{ on: 'context', to: 'safe', pay: 'tenant' }]
  const tooLong: [string, object][] = [
    ['a code', { code: 'context_length_exceeded' }],
    ["a vendor's sentence", { message: 'prompt is too long: 250000 tokens > 200000 maximum' }],
    ["another's", { message: "This model's maximum context length is 4096 tokens." }],
  ]
  it.each(tooLong)('as the provider finds by %s, goes to the other model', async (_, error) => {
    const tenant = await tenantWith(rule)
    scene.provider.answer((request) => (of(request) === 'google' ? gemini : says(400, error)))
    expect(await ask(tenant, { model: 'pair' })).toMatchObject({ status: 200, route: 'pair -> safe (context)', attempts: '2' })
  })

  it('as the decision finds, goes there at once; explain says so', async () => {
    const tenant = await tenantWith(rule)
    scene.provider.answer(gemini)
    const long = { model: 'small', messages: [{ role: 'user', content: 'x'.repeat(400_000) }] }
    expect(await ask(tenant, long)).toMatchObject({
      status: 200,
      route: 'small -> safe (context)',
      attempts: '1',
      booked: [['google', 'estimated', 'context']],
    })
    const explained = await scene.gateway.call('POST', '/v1/chat/completions', {
      key: tenant.key,
      headers: { 'x-tollgate-explain': 'true' },
      body: long,
    })
    expect(explained.body).toMatchObject({ verdict: 'allowed', route: 'small -> safe (context)' })
  })
})

describe('content that a model will not speak of', () => {
  const rule = [{ on: 'refusal', to: 'safe', pay: 'tenant' }]

  it('as an error, goes to the other model', async () => {
    const tenant = await tenantWith(rule)
    scene.provider.answer((request) => (of(request) === 'google' ? gemini : says(400, { code: 'content_filter' })))
    expect(await ask(tenant, { model: 'bare' })).toMatchObject({ status: 200, route: 'bare -> safe (refusal)', attempts: '2' })
  })

  const refused = {
    body: completion('', { choices: [{ index: 0, message: { role: 'assistant', content: null }, finish_reason: 'content_filter' }] }),
  }

  it('as an answer, goes there too, and both are booked', async () => {
    const tenant = await tenantWith(rule)
    scene.provider.answer((request) => (of(request) === 'google' ? gemini : refused))
    expect(await ask(tenant, { model: 'bare' })).toMatchObject({
      status: 200,
      content: 'From Gemini.',
      booked: [
        ['groq', 'settled', undefined],
        ['google', 'estimated', 'refusal'],
      ],
    })
  })

  it('as an answer, stays the answer where the other model fails', async () => {
    const tenant = await tenantWith(rule)
    scene.provider.answer((request) => (of(request) === 'google' ? says(500, {}) : refused))
    const answer = await ask(tenant, { model: 'bare' })
    expect(answer).toMatchObject({ status: 200, attempts: '1', booked: [{}, {}] })
  })

  it('as the first event of a stream, goes there too; where that fails, the event is the answer', async () => {
    const tenant = await tenantWith([{ on: 'refusal', to: 'other', pay: 'tenant' }])
    const blocked = { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: { promptTokenCount: 7, totalTokenCount: 7 } }
    const streams = (request: Received) =>
      of(request) === 'google'
        ? { events: [blocked] }
        : { events: [{ choices: [{ index: 0, delta: { content: 'From Groq.' }, finish_reason: 'stop' }] }, '[DONE]'] }
    const asking = (model: string) =>
      fetch(`${scene.gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${tenant.key}` },
        body: JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'Hello' }] }),
      })
    scene.provider.answer(streams)
    const response = await asking('safe')
    expect([response.headers.get('x-tollgate-route'), await response.text()]).toEqual([
      'safe -> other (refusal)',
      expect.stringContaining('From Groq.'),
    ])
    scene.provider.answer((request) => (of(request) === 'google' ? { events: [blocked] } : says(400, {})))
    const kept = await asking('safe')
    expect([kept.status, await kept.text()]).toEqual([200, expect.stringContaining('"finish_reason":"content_filter"')])
    const rows = (await scene.hand.settled(tenant.id, 4)).map(({ start, state }) => `${start.provider} ${state}`)
    expect(rows).toEqual(['google settled', 'groq estimated', 'google settled', 'groq released'])
  })

  it('is an answer like any other without such a rule', async () => {
    const tenant = await tenantWith([])
    scene.provider.answer(refused)
    expect(await ask(tenant, { model: 'bare' })).toMatchObject({ status: 200, attempts: '1' })
  })
})

describe('a budget that is spent', () => {
  it("goes to what the tenant's own key pays", async () => {
    const tenant = await tenantWith([{ on: 'budget', to: 'safe', pay: 'tenant' }], { budget: 0 })
    scene.provider.answer(gemini)
    expect(await ask(tenant, { model: 'dear' })).toMatchObject({
      status: 200,
      route: 'dear -> safe (budget)',
      booked: [['google', 'estimated', 'budget']],
    })
  })

  it('is told where the fallback would be paid by the same budget', async () => {
    const tenant = await tenantWith([{ on: 'budget', to: 'mistral/other', pay: 'platform' }], { budget: 0, unpriced: 'allow' })
    expect(await ask(tenant, { model: 'dear' })).toMatchObject({ status: 429, code: 'budget_exceeded', booked: [] })
  })
})
