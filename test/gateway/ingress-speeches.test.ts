import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FakeProvider, type ScriptedAnswer, startFakeProvider } from '../support/fake-provider.ts'
import { openRelayed, type Relayed } from '../support/relayed.ts'
import { CALL, TEXT, upstreams } from '../support/upstreams.ts'

// A provider of several dialects is spoken to in the client's, and in the one that a model answers in.

let own: FakeProvider
let relayed: Relayed

beforeAll(async () => {
  own = await startFakeProvider()
  const entry = {
    id: 'own',
    dialect: 'openai-chat',
    base_url: `${own.origin}/api/v1`,
    also: [
      { dialect: 'anthropic-messages', base_path: '../claude', auth: { header: 'x-api-key', prefix: '' }, headers: { 'x-site': 'north' } },
      { dialect: 'openai-responses' },
    ],
  }
  relayed = await openRelayed({
    config: { 'providers.yaml': JSON.stringify({ providers: [entry] }) },
    providers: { deepseek: `${own.origin}/deepseek` },
  })
  await relayed.hand.setting(relayed.tenant.id, 'OWN_API_KEY', 'key-of-own')
  await relayed.hand.setting(relayed.tenant.id, 'DEEPSEEK_API_KEY', 'key-of-deepseek')
  await relayed.hand.holds(relayed.tenant.key, 'deepseek/m')
})

afterAll(async () => {
  await relayed.close()
  await own.close()
})

const words = (dialect: string) => upstreams.find((one) => one.dialect === dialect)!

describe('a provider that speaks the dialect of the client', () => {
  it.for([
    ['own', '/api/claude/v1/messages', { 'x-api-key': 'key-of-own', 'x-site': 'north' }],
    ['deepseek', '/deepseek/anthropic/v1/messages', { 'x-api-key': 'key-of-deepseek' }],
  ] as const)('gets the bytes where it speaks it, with the key as it takes it there: %s', async ([id, path, headers]) => {
    const answer = JSON.stringify(words('anthropic-messages').text, null, 1)
    const body = `{ "model": "${id}/m", "max_tokens": 5, "messages": [], "odd": 12345678901234567890 }`
    const got = await post(own, '/v1/messages', { body, answer: { headers: JSON_TYPE, body: answer } })
    const { path: asked, headers: sent, body: received } = own.journal.at(-1)!
    expect({ asked, body: received.toString(), got: got.text }).toEqual({ asked: path, body: body.replace(`${id}/m`, 'm'), got: answer })
    expect(sent).toMatchObject(headers)
    expect(sent).not.toHaveProperty('authorization')
  })

  it('keeps to its first dialect for all other clients', async () => {
    const got = await post(own, '/v1beta/models/own/m:generateContent', {
      body: '{"contents":[]}',
      answer: { body: words('openai-chat').text },
    })
    expect([own.journal.at(-1)?.path, JSON.parse(got.text).candidates[0].content.parts[0].text]).toEqual(['/api/v1/chat/completions', TEXT])
  })

  it("passes its error bytes to a client that knows that shape, with the provider's status", async () => {
    const refused = JSON.stringify(words('anthropic-messages').refused, null, 1)
    const got = await post(own, '/v1/messages', {
      body: '{"model":"own/m","max_tokens":5,"messages":[]}',
      answer: { status: 400, headers: JSON_TYPE, body: refused },
    })
    expect([got.status, got.text]).toEqual([400, refused])
  })
})

describe('a model that answers in the Responses API only', () => {
  const answer = { body: words('openai-responses').call }

  it('is asked there by clients of chat', async () => {
    const body = '{"model":"openai/gpt-5-pro","messages":[{"role":"user","content":"Look"}],"max_tokens":9}'
    const got = await post(relayed.provider, '/v1/chat/completions', { body, answer })
    expect(got.status, got.text).toBe(200)
    expect(JSON.parse(got.text).choices[0].message.tool_calls[0].function).toEqual({
      name: CALL.name,
      arguments: JSON.stringify(CALL.args),
    })
    const sent = relayed.provider.journal.at(-1)!
    expect([sent.path, JSON.parse(sent.body.toString())]).toMatchObject(['/openai/responses', { model: 'gpt-5-pro', max_output_tokens: 9 }])
  })

  it('is asked there by clients of Messages', async () => {
    const body = '{"model":"openai/gpt-5-pro","messages":[{"role":"user","content":"Look"}],"max_tokens":9}'
    const got = await post(relayed.provider, '/v1/messages', { body, answer })
    expect([relayed.provider.journal.at(-1)?.path, JSON.parse(got.text).content[0].name]).toEqual(['/openai/responses', CALL.name])
  })
})

describe('what the Responses API keeps between calls', () => {
  const kept = { previous_response_id: 'resp_0', store: true }
  const body = (model: string, more: object) => JSON.stringify({ model, input: 'And then?', ...more })

  it('is kept where the provider speaks it', async () => {
    const got = await post(relayed.provider, '/v1/responses', {
      body: body('openai/gpt-5', kept),
      answer: { body: words('openai-responses').text },
    })
    expect(got.status, got.text).toBe(200)
    expect(JSON.parse(relayed.provider.journal.at(-1)!.body.toString())).toMatchObject(kept)
  })

  it.for(['anthropic/claude-haiku-4-5', 'google/gemini-2.5-flash'])('is refused by name where it does not: %s', async (model) => {
    const sent = relayed.provider.journal.length
    for (const param of ['previous_response_id', 'store'] as const) {
      const got = await post(relayed.provider, '/v1/responses', { body: body(model, { [param]: kept[param] }), answer: {} })
      expect([got.status, JSON.parse(got.text).error], param).toMatchObject([400, { code: 'unsupported_parameter', param }])
    }
    expect(relayed.provider.journal.length).toBe(sent)
  })
})

describe('a strict request', () => {
  const body = '{"model":"anthropic/claude-haiku-4-5","messages":[{"role":"user","content":"Hi"}],"seed":7}'
  const answer = { body: words('anthropic-messages').text }

  it('is refused for what would be dropped, by name; a lenient one is told', async () => {
    const lenient = await post(relayed.provider, '/v1/chat/completions', { body, answer })
    expect([lenient.status, lenient.dropped]).toEqual([200, 'seed'])
    const strict = await post(relayed.provider, '/v1/chat/completions', { body, answer, headers: { 'x-tollgate-strict': 'true' } })
    expect([strict.status, JSON.parse(strict.text).error]).toMatchObject([400, { code: 'unsupported_parameter', param: 'seed' }])
  })
})

const JSON_TYPE = { 'content-type': 'application/json' }

interface Posted {
  readonly body: string
  readonly answer: ScriptedAnswer
  readonly headers?: Record<string, string>
}

async function post(provider: FakeProvider, path: string, { body, answer, headers }: Posted) {
  provider.answer(answer)
  const response = await fetch(relayed.gateway.url + path, {
    method: 'POST',
    headers: { ...JSON_TYPE, 'x-api-key': relayed.tenant.key, ...headers },
    body,
  })
  return { status: response.status, dropped: response.headers.get('x-tollgate-params-dropped'), text: await response.text() }
}
