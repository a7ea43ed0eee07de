import { afterAll, beforeAll, expect, it } from 'vitest'
import * as chat from '../contract/dialects/openai-words.ts'
import { eventsOf } from '../contract/dialects/recordings.ts'
import type { Any } from '../contract/dialects/words.ts'
import { openRelayed, type Relayed } from '../support/relayed.ts'
import { CALL, TEXT, upstreams } from '../support/upstreams.ts'

// A request of the Responses API at the path of chat completions, as Cursor posts it, is run as what it is and answered as chat.

let relayed: Relayed
beforeAll(async () => {
  relayed = await openRelayed()
})
afterAll(() => relayed.close())

const SSE = { 'content-type': 'text/event-stream' }
const TOOLS = [
  { type: 'function', name: 'look', description: 'Looks.', parameters: { type: 'object', properties: {} }, strict: false },
  { type: 'custom', name: 'patch', description: 'Patches.', format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' } },
]
const asked = (model: string) => ({
  ...{ model, stream: true, stream_options: { include_usage: true }, store: false, tools: TOOLS },
  input: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: [{ type: 'input_text', text: 'What do you see?' }] },
  ],
  reasoning: { effort: 'low', summary: 'auto' },
})

it.for([
  ['openai/gpt-5', 'openai-responses', '/openai/responses'],
  ['openai/gpt-5-pro', 'openai-responses', '/openai/responses'],
  ['anthropic/claude-haiku-4-5', 'anthropic-messages', '/anthropic/v1/messages'],
  ['groq/llama-3.1-8b-instant', 'openai-responses', '/groq/responses'],
  ['google/gemini-2.5-flash', 'gemini', '/google/models/gemini-2.5-flash:streamGenerateContent?alt=sse'],
] as const)('reaches %s and is answered in chunks', async ([model, dialect, path]) => {
  const upstream = upstreams.find((one) => one.dialect === dialect)!
  const text = await post(asked(model), upstream.textStream)
  expect(relayed.provider.journal.at(-1)?.path).toBe(path)
  expect(chat.wordsOfStream(text.payloads)).toMatchObject({ text: TEXT, finish: 'stop', usage: { input: 11, output: 5 } })
  expect(text.last).toBe('[DONE]')
  const call = await post(asked(model), upstream.callStream)
  expect(chat.wordsOfStream(call.payloads)).toMatchObject({ calls: [CALL], finish: 'tool_calls' })
})

it('keeps tools of free text where the provider has them', async () => {
  await post(asked('openai/gpt-5'), upstreams.find(({ dialect }) => dialect === 'openai-responses')!.textStream)
  const sent = JSON.parse(relayed.provider.journal.at(-1)!.body.toString())
  expect(sent.tools).toMatchObject([TOOLS[0], TOOLS[1]])
  expect(sent.reasoning).toEqual({ effort: 'low', summary: 'auto' })
})

it('tells failures as chat does', async () => {
  relayed.provider.answer({ status: 400, body: { error: { message: 'No.', type: 'invalid_request_error', code: 'odd', param: null } } })
  const response = await send(asked('openai/gpt-5'))
  expect([response.status, (await response.json()) as Any]).toMatchObject([400, { error: { message: 'No.', code: 'odd' } }])
  const unknown = await send(asked('nobody/knows'))
  expect([unknown.status, (await unknown.json()) as Any]).toMatchObject([404, { error: { code: 'model_not_found' } }])
})

it('is told apart by shape alone: messages beside input are chat', async () => {
  relayed.provider.answer({ body: upstreams[0]!.text })
  const body = { model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'Hi' }], input: 'odd' }
  expect((await send(body)).status).toBe(200)
  expect(relayed.provider.journal.at(-1)?.path).toBe('/openai/chat/completions')
})

async function post(body: object, chunks: readonly string[]): Promise<{ payloads: Any[]; last: string | undefined }> {
  relayed.provider.answer({ chunks, headers: SSE })
  const response = await send(body)
  const text = await response.text()
  expect(response.status, text).toBe(200)
  const events = eventsOf(text)
  return { payloads: events.filter(({ data }) => data !== '[DONE]').map(({ data }) => JSON.parse(data)), last: events.at(-1)?.data }
}

function send(body: object): Promise<Response> {
  return fetch(`${relayed.gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${relayed.tenant.key}` },
    body: JSON.stringify(body),
  })
}
