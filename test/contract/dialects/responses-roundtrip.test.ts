import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChatChunk, ChatMessage, ChatRequest, ChatResponse } from '../../../src/contract/chat.ts'
import type { UpstreamDialect } from '../../../src/contract/dialect.ts'
import { anthropicMessages } from '../../../src/dialects/anthropic-messages.ts'
import { gemini } from '../../../src/dialects/gemini.ts'
import { openaiChat } from '../../../src/dialects/openai-chat.ts'
import { openaiResponses } from '../../../src/dialects/openai-responses.ts'
import { parseExact } from '../../../src/wire/exact-json.ts'
import { decoding, eventsOf, OWN, recordingsIn } from './recordings.ts'
import type { Any } from './words.ts'

// What a model must get back unchanged comes back unchanged through a client of the Responses API that keeps no state but its items:
// answer -> hub -> items -> the client's next input -> hub -> next request.

const LONG = '{"berth":9007199254740993,"depth":0.12345678901234567890,"name":"Veere"}'

describe('an Anthropic answer that comes back as items', () => {
  const blocks = [
    '{"type":"thinking","thinking":"First.","signature":"c2ln/MQ=="}',
    '{"type":"text","text":"Let me look."}',
    '{"type":"redacted_thinking","data":"aGlkZGVu"}',
    `{"type":"tool_use","id":"toolu_1","name":"tide_at","input":${LONG}}`,
    '{"type":"thinking","thinking":"","signature":"c2lnMg=="}',
    '{"type":"tool_use","id":"toolu_2","name":"moon_phase","input":{}}',
  ]
  const chat = anthropicMessages.decodeResponse(parseExact(`{"content":[${blocks.join(',')}],"stop_reason":"tool_use"}`), decoding())

  it.for([
    ['whole', itemsOf(chat)],
    ['in a stream', streamedItemsOf([...chunksOf(anthropicMessages, blocks.flatMap(anthropicEvents))])],
  ] as const)('has the same blocks in the same order: %s', ([, items]) => {
    expect(/"content":(\[.*\])\}\]/.exec(sent(anthropicMessages, items))?.[1]).toBe(`[${blocks.join(',')}]`)
  })

  it('is shown as what it thought, said and called', () => {
    expect(itemsOf(chat).map(({ type, summary, content, name }) => [type, summary?.[0]?.text ?? content?.[0].text ?? name])).toEqual([
      ['reasoning', 'First.'],
      ['message', 'Let me look.'],
      ['function_call', 'tide_at'],
      ['function_call', 'moon_phase'],
    ])
  })
})

describe('a Gemini answer that comes back as items', () => {
  const parts = [
    '{"text":"I look.","thoughtSignature":"c2lnLXRleHQ="}',
    `{"functionCall":{"id":"a1","name":"tide_at","args":${LONG}},"thoughtSignature":"c2lnLWNhbGw="}`,
    '{"functionCall":{"id":"a2","name":"moon_phase","args":{}}}',
  ]
  const answer = `{"candidates":[{"content":{"role":"model","parts":[${parts.join(',')}]},"finishReason":"STOP"}]}`
  const events = parts.map((part) => `{"candidates":[{"content":{"parts":[${part}]}}]}`)

  it.for([
    ['whole', itemsOf(gemini.decodeResponse(parseExact(answer), decoding()))],
    ['in a stream', streamedItemsOf([...chunksOf(gemini, events)])],
  ] as const)('has the same parts, its signatures where they were: %s', ([, items]) => {
    expect(/"role":"model","parts":(\[.*\])\}\]/.exec(sent(gemini, items))?.[1]).toBe(`[${parts.join(',')}]`)
  })
})

describe('a Responses answer that comes back', () => {
  const own = recordingsIn(OWN).filter(({ file }) => file.includes('responses-reasoning-and-tools'))
  const items = JSON.parse(own.find(({ stream }) => !stream)!.response.body).output
  const request = openaiResponses.decodeRequest(JSON.parse(own[0]!.request!.body))
  const expected = items.map(({ status: _, phase: __, id, ...item }: Any) =>
    item.type === 'reasoning'
      ? { ...item, id }
      : item.type === 'message'
        ? { role: 'assistant', content: [{ type: 'output_text', text: item.content[0].text }] }
        : item,
  )

  it.for(own)('from $file through chat has the same items in the same order', ({ stream, response }) => {
    const context = decoding({ request })
    const events = stream ? eventsOf(response.body) : []
    const decoder = openaiResponses.decodeStream(context)
    const message = stream
      ? messageOf([...events.flatMap((event) => decoder.push(event)), ...decoder.end()])
      : openaiResponses.decodeResponse(parseExact(response.body), context).choices[0]!.message
    const next = openaiChat.decodeRequest(JSON.parse(JSON.stringify({ ...request, messages: [message] })))
    const { input }: Any = openaiResponses.encodeRequest(next, { stream: false, quirks: {} })
    expect(JSON.parse(JSON.stringify(input))).toEqual(expected)
  })

  it('asks for what must come back again where the model thinks', () => {
    const include = (chat: Partial<ChatRequest>, reasons?: boolean): unknown => {
      const context = { stream: false, quirks: {}, ...(reasons === undefined ? {} : { reasons }) }
      return (openaiResponses.encodeRequest({ model: 'm', messages: [], ...chat }, context) as Any).include
    }
    const thought = {
      role: 'assistant',
      reasoning_details: [{ type: 'reasoning.encrypted', data: 'x', format: 'openai-responses-v1' }],
    } as const
    expect([
      include({}),
      include({}, true),
      include({ reasoning_effort: 'low' }),
      include({ reasoning_effort: 'low' }, false),
      include({ reasoning_effort: 'none' }),
      include({ messages: [{ ...thought, reasoning_details: [...thought.reasoning_details] }] }),
    ]).toEqual([
      undefined,
      ['reasoning.encrypted_content'],
      ['reasoning.encrypted_content'],
      undefined,
      undefined,
      ['reasoning.encrypted_content'],
    ])
  })
})

describe('thoughts in plain words', () => {
  it('come back in plain words', () => {
    const message = { role: 'assistant', content: 'Yes', reasoning_content: 'Hm.' } as const
    const back = cameBack(itemsOf(answerOf(message)))
    expect(back).toEqual([{ role: 'assistant', content: 'Yes', reasoning_content: 'Hm.' }])
  })

  it('are told from what other providers encrypted', () => {
    const item = { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm.' }], encrypted_content: 'gAAAAABxyz' }
    expect(cameBack([item])[0]).toMatchObject({
      reasoning_content: 'Hm.',
      reasoning_details: [
        { type: 'reasoning.summary', summary: 'Hm.', id: 'rs_1', format: 'openai-responses-v1' },
        { type: 'reasoning.encrypted', data: 'gAAAAABxyz', id: 'rs_1', format: 'openai-responses-v1' },
      ],
    })
  })
})

it('any answer comes back as it was, its custom calls as such', () => {
  const name = fc.constantFrom('tide_at', 'patch', 'moon_phase')
  const written = fc.string({ unit: 'binary' })
  const call = fc.record({ id: fc.uuid(), name, input: written }).map(({ id, name: called, input }) => ({
    id,
    type: 'function' as const,
    function: { name: called, arguments: called === 'patch' ? JSON.stringify({ input }) : JSON.stringify({ a: input }) },
  }))
  const answers = fc.record({ content: written, thought: written, calls: fc.array(call, { maxLength: 4 }) })
  const tools = [{ type: 'custom', name: 'patch' }]
  const request = openaiResponses.decodeRequest({ model: 'm', input: 'x', tools })
  fc.assert(
    fc.property(answers, ({ content, thought, calls }) => {
      const message: ChatMessage = {
        role: 'assistant',
        content: content || null,
        ...(thought && { reasoning_content: thought }),
        ...(calls.length > 0 && { tool_calls: calls }),
      }
      const items = itemsOf(answerOf(message), request)
      const kinds = items.filter(({ call_id }) => call_id).map((item) => [item.name, item.type])
      expect(kinds).toEqual(
        calls.map(({ function: { name: called } }) => [called, called === 'patch' ? 'custom_tool_call' : 'function_call']),
      )
      const nothing = !content && !thought && calls.length === 0
      expect(cameBack(items)).toEqual(nothing ? [] : [message])
    }),
  )
})

function answerOf(message: ChatMessage): ChatResponse {
  const choices = [{ index: 0, message, finish_reason: 'stop' as const }]
  return { id: 'c1', object: 'chat.completion', created: 1, model: 'm', choices }
}

/** The items of a whole answer, as the client has them. */
function itemsOf(chat: ChatResponse, request?: ChatRequest): Any[] {
  return JSON.parse(JSON.stringify(openaiResponses.encodeResponse(chat, request))).output
}

function streamedItemsOf(chunks: readonly ChatChunk[]): Any[] {
  const encoder = openaiResponses.encodeStream({ requestId: 'r', created: 1, model: 'm', includeUsage: false })
  const events = [...chunks.flatMap((chunk) => encoder.push(chunk)), ...encoder.end()]
  return events.filter(({ event }) => event === 'response.output_item.done').map(({ data }) => JSON.parse(data).item)
}

function* chunksOf(dialect: UpstreamDialect, payloads: readonly string[]): Iterable<ChatChunk> {
  const decoder = dialect.decodeStream(decoding())
  for (const data of payloads) yield* decoder.push({ data })
  yield* decoder.end()
}

/** The messages of a client's next request, with nothing in them that is undefined. */
function cameBack(items: Any[]): ChatMessage[] {
  return JSON.parse(JSON.stringify(openaiResponses.decodeRequest({ model: 'm', input: items }).messages))
}

function sent(dialect: UpstreamDialect, items: readonly Any[]): string {
  const body = parseExact(JSON.stringify({ model: 'm', input: items }))
  return JSON.stringify(dialect.encodeRequest(openaiResponses.decodeRequest(body), { stream: false, quirks: {} }))
}

/** As chat's clients put a message together. */
function messageOf(chunks: ChatChunk[]): ChatMessage {
  const deltas = chunks.flatMap(({ choices }) => choices).map(({ delta }) => delta)
  const calls: Any[] = []
  for (const { index, ...call } of deltas.flatMap((delta) => delta.tool_calls ?? [])) {
    calls[index] ??= { id: call.id, type: 'function', function: { name: call.function?.name, arguments: '' } }
    calls[index].function.arguments += call.function?.arguments ?? ''
  }
  return {
    role: 'assistant',
    content: deltas.map(({ content }) => content ?? '').join(''),
    reasoning_details: deltas.flatMap(({ reasoning_details }) => reasoning_details ?? []),
    tool_calls: calls,
  }
}

/** A block of Anthropic's as its stream sends it. */
function anthropicEvents(block: string, index: number): string[] {
  const whole = JSON.parse(block)
  const start = (content_block: unknown) => JSON.stringify({ type: 'content_block_start', index, content_block })
  const delta = (said: unknown) => JSON.stringify({ type: 'content_block_delta', index, delta: said })
  if (whole.type === 'text') return [start({ type: 'text', text: '' }), delta({ type: 'text_delta', text: whole.text })]
  if (whole.type === 'redacted_thinking') return [start(whole)]
  if (whole.type === 'thinking') {
    const thought = whole.thinking ? [delta({ type: 'thinking_delta', thinking: whole.thinking })] : []
    return [start({ type: 'thinking', thinking: '' }), ...thought, delta({ type: 'signature_delta', signature: whole.signature })]
  }
  const partial_json = /"input":(.*)\}$/.exec(block)![1]!
  return [start({ type: 'tool_use', id: whole.id, name: whole.name, input: {} }), delta({ type: 'input_json_delta', partial_json })]
}
