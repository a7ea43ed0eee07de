import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTraces } from '../../src/telemetry/traces.ts'
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { ask, callerOn, candidate } from '../support/scene.ts'

const SECRET = 'sk-platform-9Ww3eR5tY7uI1oP0'
const SAID = 'what-the-user-said'
const ANSWER = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: SAID }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
}

let gateway: TestGateway
let well: FakeProvider
let full: FakeProvider
beforeAll(async () => {
  well = await startFakeProvider({ body: ANSWER })
  full = await startFakeProvider({ status: 503, body: { error: { message: 'Too many at once' } } })
  gateway = await startGateway({
    env: { OPENAI_API_KEY: SECRET, GROQ_API_KEY: SECRET },
    providers: { openai: `${well.origin}/v1`, groq: `${full.origin}/v1` },
    config: { 'models.yaml': 'routes:\n  house: [groq/llama-3.3-70b-versatile, openai/gpt-5-mini]\n' },
  })
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all([well.close(), full.close()])
})

const chat = (key: string, model: string, more: object = {}) =>
  gateway.call('POST', '/v1/chat/completions', { key, body: { model, messages: [{ role: 'user', content: SAID }], ...more } })
const traceOf = async (key: string, answer: { headers: Headers }) =>
  (await gateway.call('GET', `/v1/requests/${answer.headers.get('x-request-id')}/explain`, { key })).body

describe('a request is remembered', () => {
  it('with who stood where by which score, who was tried, how long it took, and nothing that was said or is secret', async () => {
    const { key } = await gateway.tenant('acme', 'pro')
    const told = await traceOf(key, await chat(key, 'auto'))
    expect(told).toMatchObject({
      kept: 'memory',
      verdict: 'allowed',
      status: 200,
    })
    // The best of the first provider fails, so the best of another is tried and not the second best of the same.
    expect(told.attempts).toMatchObject([
      { attempt: 1, provider: 'groq', code: 'upstream_error', status: 503 },
      { attempt: 2, provider: 'openai', code: 'ok', status: 200 },
    ])
    expect(told.decision.ranking).toMatchObject({ by: 'auto', weights: { price: 0.55 } })
    expect(told.decision.offers[0]).toMatchObject({
      provider: expect.any(String),
      score: { total: expect.any(Number), because: expect.stringMatching(/best/) },
    })
    expect(told.decision.unjudged).toBeGreaterThan(0)
    expect(JSON.stringify(told)).not.toMatch(new RegExp(`${SAID}|${SECRET}`))
  })

  it('with the offer that failed and the one that stood in', async () => {
    const { key } = await gateway.tenant('hopper', 'enterprise')
    const told = await traceOf(key, await chat(key, 'house'))
    expect(told.attempts.map(({ provider, status }: { provider: string; status: number }) => `${provider} ${status}`)).toEqual([
      'groq 503',
      'openai 200',
    ])
  })

  it('where it was refused, too, with the reasons', async () => {
    const { key } = await gateway.tenant('poor', 'free')
    const refused = await chat(key, 'openai/gpt-5-pro')
    const told = await traceOf(key, refused)
    expect(told).toMatchObject({ kept: 'memory', verdict: 'refused', status: 403, code: refused.body.error.code, attempts: [] })
    expect(told.because).toBe(refused.body.error.message)
    expect(told.decision.rejected[0]).toMatchObject({ model: 'openai/gpt-5-pro', code: expect.any(String) })
  })

  it('and is as good as none for another tenant', async () => {
    const [{ key }, { key: foreign }] = await Promise.all([gateway.tenant('mine', 'pro'), gateway.tenant('foreign', 'pro')])
    const answer = await chat(key, 'auto')
    const path = (id: string | null) => `/v1/requests/${id}/explain`
    const theirs = await gateway.call('GET', path(answer.headers.get('x-request-id')), { key: foreign })
    const nobodys = await gateway.call('GET', path('req_none'), { key: foreign })
    expect([theirs.status, theirs.body.error.code, theirs.body.error.message]).toEqual([404, 'not_found', nobodys.body.error.message])
    expect((await gateway.api('GET', `/requests/${answer.headers.get('x-request-id')}/explain`)).body).toMatchObject({ kept: 'memory' })
  })
})

describe('what is remembered', () => {
  const HOUR = 3_600_000
  const trace = (requestId: string, at: number) => ({
    ...{ requestId, at, caller: callerOn(), ask: ask(), config: 'test' },
    decision: { offers: [], rejected: [], resolution: { candidates: [candidate('acme', 'm')] }, plan: undefined, unjudged: 0 },
  })
  it('is forgotten after an hour', () => {
    let now = 0
    const traces = createTraces(() => now)
    traces.keep(trace('one', 0))
    now = HOUR
    expect(traces.find('one')?.requestId).toBe('one')
    now = HOUR + 1
    expect(traces.find('one')).toBeUndefined()
  })
  it('is bounded in number, the oldest going first', () => {
    const traces = createTraces(() => 0)
    for (let n = 0; n < 6_000; n++) traces.keep(trace(`r${n}`, 0))
    expect([traces.find('r999'), traces.find('r1000')?.requestId]).toEqual([undefined, 'r1000'])
  })
})
