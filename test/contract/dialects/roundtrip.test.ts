import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChatMessage, ChatRequest, ReasoningDetail } from '../../../src/contract/chat.ts'
import { anthropicMessages } from '../../../src/dialects/anthropic-messages.ts'
import { gemini } from '../../../src/dialects/gemini.ts'
import { openaiChat } from '../../../src/dialects/openai-chat.ts'
import { parseExact } from '../../../src/wire/exact-json.ts'
import { decoding } from './recordings.ts'
import type { Any } from './words.ts'

// What a model must get back unchanged comes back unchanged: answer -> hub -> client's JSON -> hub -> next request.

const LONG = '{"berth":9007199254740993,"depth":0.12345678901234567890,"name":"Veere"}'

describe('an Anthropic answer that comes back', () => {
  const blocks = [
    '{"type":"thinking","thinking":"First.","signature":"c2ln\\/MQ=="}',
    '{"type":"text","text":"Let me look."}',
    '{"type":"redacted_thinking","data":"aGlkZGVu"}',
    `{"type":"tool_use","id":"toolu_1","name":"tide_at","input":${LONG}}`,
    '{"type":"thinking","thinking":"","signature":"c2lnMg=="}',
    '{"type":"tool_use","id":"toolu_2","name":"moon_phase","input":{}}',
  ].map((block) => block.replace('\\/', '/'))
  const answer = `{"type":"message","role":"assistant","content":[${blocks.join(',')}],"stop_reason":"tool_use"}`

  it('has the same blocks in the same order', () => {
    const message = anthropicMessages.decodeResponse(parseExact(answer), decoding()).choices[0]!.message
    expect(assistantBlocks(anthropicMessages, [message])).toBe(`[${blocks.join(',')}]`)
  })

  it('has them after a stream whose deltas the client put together, or kept as they came', () => {
    const events: Any[] = blocks.flatMap((block, index) => streamed(index, block))
    const decoder = anthropicMessages.decodeStream(decoding())
    const deltas = events.flatMap((event) => decoder.push({ data: event })).map((chunk) => chunk.choices[0]!.delta)
    const details = deltas.flatMap((delta) => delta.reasoning_details ?? [])
    const calls: Any[] = []
    for (const call of deltas.flatMap((delta) => delta.tool_calls ?? [])) {
      calls[call.index] ??= { id: call.id, type: 'function', function: { name: call.function?.name, arguments: '' } }
      calls[call.index].function.arguments += call.function?.arguments ?? ''
    }
    const content = deltas.map((delta) => delta.content ?? '').join('')
    for (const reasoning_details of [details, byIndex(details)]) {
      const message: ChatMessage = { role: 'assistant', content, tool_calls: calls, reasoning_details }
      expect(assistantBlocks(anthropicMessages, [message])).toBe(`[${blocks.join(',')}]`)
    }
  })

  it('leaves out what another provider signed, and thoughts without a signature', () => {
    const reasoning_details: ReasoningDetail[] = [
      { type: 'reasoning.encrypted', data: 'Zm9yZWlnbg==', format: 'google-gemini-v1' },
      { type: 'reasoning.text', text: 'unsigned' },
    ]
    const message: ChatMessage = { role: 'assistant', content: 'Hello.', reasoning_content: 'unsigned', reasoning_details }
    expect(JSON.parse(assistantBlocks(anthropicMessages, [message]))).toEqual([{ type: 'text', text: 'Hello.' }])
  })
})

describe('a Gemini answer that comes back', () => {
  const parts = [
    '{"text":"I look.","thoughtSignature":"c2lnLXRleHQ="}',
    `{"functionCall":{"id":"a1","name":"tide_at","args":${LONG}},"thoughtSignature":"c2lnLWNhbGw="}`,
    '{"functionCall":{"id":"a2","name":"moon_phase","args":{}}}',
  ]
  const answer = `{"candidates":[{"content":{"role":"model","parts":[${parts.join(',')}]},"finishReason":"STOP"}]}`
  const message = gemini.decodeResponse(parseExact(answer), decoding()).choices[0]!.message

  it('has the same parts, its signatures where they were', () => {
    expect(modelParts([message])).toBe(`[${parts.join(',')}]`)
  })

  it('has them where the client kept only reasoning_details, or only extra_content', () => {
    const bare = (message.tool_calls ?? []).map(({ extra_content: _, ...call }) => call)
    expect(modelParts([{ ...message, tool_calls: bare }])).toBe(`[${parts.join(',')}]`)
    const { reasoning_details: _, ...kept } = message
    expect(JSON.parse(modelParts([kept])).map((part: Any) => part.thoughtSignature)).toEqual([undefined, 'c2lnLWNhbGw=', undefined])
  })

  it('gives calls without ids their own, unlike those of other turns', () => {
    const events = ['tide_at', 'moon_phase'].map((name) => `{"candidates":[{"content":{"parts":[{"functionCall":{"name":"${name}"}}]}}]}`)
    const decoder = gemini.decodeStream(decoding({ requestId: 'r7' }))
    const calls = events.flatMap((data) => decoder.push({ data })).flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? [])
    expect(calls.map(({ index, id, function: called }) => [index, id, called?.name, called?.arguments])).toEqual([
      [0, 'call_r7_0_0', 'tide_at', '{}'],
      [1, 'call_r7_0_1', 'moon_phase', '{}'],
    ])
  })

  it('keeps a signature that came without words', () => {
    const alone = '{"candidates":[{"content":{"parts":[{"text":"","thoughtSignature":"c2ln"}]}}]}'
    const silent = gemini.decodeResponse(JSON.parse(alone), decoding()).choices[0]!.message
    expect(JSON.parse(modelParts([silent]))).toEqual([{ text: '', thoughtSignature: 'c2ln' }])
  })
})

describe('tool results', () => {
  const call = (id: string, name: string) => ({ id, type: 'function' as const, function: { name, arguments: '{}' } })
  const messages: ChatMessage[] = [
    { role: 'user', content: 'Both, please.' },
    { role: 'assistant', content: null, tool_calls: [call('c1', 'one'), call('c2', 'two')] },
    { role: 'tool', tool_call_id: 'c1', content: '{"id":9007199254740993}' },
    {
      role: 'tool',
      tool_call_id: 'c2',
      content: [
        { type: 'text', text: 'seen' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
      ],
    },
    { role: 'user', content: 'Well?' },
  ]

  it('come to Anthropic in one user turn, before its words', () => {
    const body: Any = JSON.parse(encoded(anthropicMessages, messages))
    expect(body.messages.map((turn: Any) => turn.role)).toEqual(['user', 'assistant', 'user'])
    expect(body.messages[2].content).toEqual([
      { type: 'tool_result', tool_use_id: 'c1', content: '{"id":9007199254740993}' },
      {
        type: 'tool_result',
        tool_use_id: 'c2',
        content: [
          { type: 'text', text: 'seen' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
        ],
      },
      { type: 'text', text: 'Well?' },
    ])
  })

  it('come to Gemini under the names of their calls, objects as objects, digits kept', () => {
    const body = encoded(gemini, messages)
    expect(body).toContain('{"functionResponse":{"id":"c1","name":"one","response":{"id":9007199254740993}}}')
    expect(body).toContain(
      '{"functionResponse":{"id":"c2","name":"two","response":{"output":"seen"},"parts":[{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]}}',
    )
  })
})

describe('arguments', () => {
  const json = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), fc.boolean()))
  const written = json.map(
    (object) =>
      `{${Object.entries(object)
        .map(([key, value]) => `${JSON.stringify(key)}:${typeof value === 'string' ? JSON.stringify(value) : value}`)
        .join(',')}}`,
  )

  it.for([anthropicMessages, gemini])('keep every digit through $id', (dialect) => {
    fc.assert(
      fc.property(written, (args) => {
        const message: ChatMessage = {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: args } }],
        }
        const sent = encoded(dialect, [message])
        const block =
          dialect === anthropicMessages
            ? `{"content":[{"type":"tool_use","id":"c","name":"f","input":`
            : `{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":`
        const close = dialect === anthropicMessages ? '}]}' : '}}]}}]}'
        const back = dialect.decodeResponse(parseExact(`${block}${args}${close}`), decoding()).choices[0]!.message.tool_calls![0]!.function
          .arguments
        expect(digitsOf(back)).toEqual(digitsOf(args))
        expect(digitsOf(sent)).toEqual(expect.arrayContaining(digitsOf(args)))
        expect(JSON.parse(back)).toEqual(JSON.parse(args))
      }),
    )
  })

  it.for(['[1]', '"x"', '{"a":', 'null'])('that are no object are named: %s', (args) => {
    const message: ChatMessage = {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: args } }],
    }
    for (const dialect of [anthropicMessages, gemini]) {
      expect(() => encoded(dialect, [message])).toThrow('messages.0.tool_calls.0.function.arguments: is not the JSON text of an object.')
    }
  })
})

function digitsOf(json: string): string[] {
  return (
    json
      .replace(/"(?:[^"\\]|\\.)*"/g, '""')
      .match(/-?\d+/g)
      ?.sort() ?? []
  )
}

type Dialect = typeof anthropicMessages | typeof gemini

function encoded(dialect: Dialect, messages: ChatMessage[]): string {
  const body = JSON.stringify({ model: 'm', messages } satisfies ChatRequest)
  return JSON.stringify(dialect.encodeRequest(openaiChat.decodeRequest(parseExact(body)), { stream: false, quirks: {} }))
}

/** The one assistant turn as it is written, byte for byte. */
function assistantBlocks(dialect: Dialect, messages: ChatMessage[]): string {
  return /"content":(\[.*\])\}\]/.exec(encoded(dialect, messages))?.[1] ?? ''
}

function modelParts(messages: ChatMessage[]): string {
  return /"role":"model","parts":(\[.*\])\}\]/.exec(encoded(gemini, messages))?.[1] ?? ''
}

/** A block as the stream sends it: opened empty, then filled in two pieces. */
function streamed(index: number, block: string): string[] {
  const whole = JSON.parse(block)
  const start = (content_block: unknown) => JSON.stringify({ type: 'content_block_start', index, content_block })
  const delta = (said: unknown) => JSON.stringify({ type: 'content_block_delta', index, delta: said })
  if (whole.type === 'text') return [start({ type: 'text', text: '' }), delta({ type: 'text_delta', text: whole.text })]
  if (whole.type === 'redacted_thinking') return [start(whole)]
  if (whole.type === 'thinking') {
    const halves = [whole.thinking.slice(0, 3), whole.thinking.slice(3)].map((thinking) => delta({ type: 'thinking_delta', thinking }))
    return [
      start({ type: 'thinking', thinking: '', signature: '' }),
      ...halves,
      delta({ type: 'signature_delta', signature: whole.signature }),
    ]
  }
  const input = /"input":(.*)\}$/.exec(block)![1]!
  const pieces =
    input === '{}' ? [] : [input.slice(0, 15), input.slice(15)].map((partial_json) => delta({ type: 'input_json_delta', partial_json }))
  return [start({ type: 'tool_use', id: whole.id, name: whole.name, input: {} }), ...pieces]
}

/** As clients do that put list entries together by their index. */
function byIndex(details: ReasoningDetail[]): ReasoningDetail[] {
  const whole: Any[] = []
  for (const detail of details) {
    const { text, ...rest } = detail
    const known = (whole[detail.index ?? 0] ??= {})
    Object.assign(known, rest)
    if (text !== undefined) known.text = (known.text ?? '') + text
  }
  return whole
}
