import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { IngressDialect, SseEvent, UpstreamDialect } from '../../../src/contract/dialect.ts'
import type { Quirks } from '../../../src/contract/quirks.ts'
import { anthropicMessages } from '../../../src/dialects/anthropic-messages.ts'
import { gemini } from '../../../src/dialects/gemini.ts'
import { openaiChat } from '../../../src/dialects/openai-chat.ts'
import { packDetails, unpackDetails } from '../../../src/dialects/packed-details.ts'
import { parseExact } from '../../../src/wire/exact-json.ts'
import { pipe } from '../../../src/wire/step.ts'
import { assembled } from './anthropic-stream.ts'
import { decoding } from './recordings.ts'
import type { Any } from './words.ts'

// A provider's answer, told to a client of another protocol, comes back with the client's next request as the provider gave it: words,
// calls, ids, order, digits and the marks that only the provider understands.

/** A client that hands back what it was told, as text, so that no digit is lost on its side. */
interface Client {
  dialect: IngressDialect
  /** What an answer said, ready to be a turn of the next request. */
  kept(answer: string): string
  keptFromStream(events: readonly SseEvent[]): string
  request(turn: string): string
}

const CLIENTS: Client[] = [
  {
    dialect: anthropicMessages,
    kept: (answer) => /"content":(\[.*\]),"stop_reason"/s.exec(answer)![1]!,
    keptFromStream: (events) => `[${assembled(events).join(',')}]`,
    request: (content) => `{"model":"m","max_tokens":9,"messages":[{"role":"assistant","content":${content}}]}`,
  },
  {
    dialect: gemini,
    kept: (answer) => /"parts":(\[.*\])\},"finishReason"/s.exec(answer)![1]!,
    keptFromStream: (events) =>
      `[${events.flatMap(({ data }) => /"parts":\[(.*)\]\},("finishReason"|"index")/s.exec(data)?.[1] ?? []).join(',')}]`,
    request: (parts) => `{"contents":[{"role":"model","parts":${parts}}]}`,
  },
]

/** A provider's answer, written by itself, and how it wants it back. */
interface Provider {
  dialect: UpstreamDialect
  quirks: Quirks
  answer: string
  events: string[]
  /** The turn as the provider would read it. */
  returned(body: string): string
  expected: string
}

const LONG = '{"berth":9007199254740993,"depth":0.12345678901234567890,"name":"Veere"}'

const BLOCKS = [
  '{"type":"thinking","thinking":"First.","signature":"c2lnMQ=="}',
  '{"type":"text","text":"Let me look."}',
  '{"type":"redacted_thinking","data":"aGlkZGVu"}',
  `{"type":"tool_use","id":"toolu_1","name":"tide_at","input":${LONG}}`,
  '{"type":"thinking","thinking":"Then.","signature":"c2lnMg=="}',
  '{"type":"tool_use","id":"toolu_2","name":"moon_phase","input":{}}',
]

const PARTS = [
  '{"text":"I look.","thoughtSignature":"c2lnLXRleHQ="}',
  `{"functionCall":{"id":"a1","name":"tide_at","args":${LONG}},"thoughtSignature":"c2lnLWNhbGw="}`,
  '{"functionCall":{"id":"a2","name":"moon_phase","args":{}}}',
]

const DETAILS = [
  '{"type":"reasoning.summary","summary":"Briefly.","format":"openai-responses-v1","index":0}',
  '{"type":"reasoning.encrypted","data":"ZW5j","id":"rs_1","format":"openai-responses-v1","index":1}',
].join(',')
const CALL = `{"id":"call_1","type":"function","function":{"name":"tide_at","arguments":${JSON.stringify(LONG)}}}`

const PROVIDERS: Provider[] = [
  {
    dialect: anthropicMessages,
    quirks: {},
    answer: `{"type":"message","role":"assistant","content":[${BLOCKS.join(',')}],"stop_reason":"tool_use"}`,
    events: [
      '{"type":"message_start","message":{"id":"msg_1"}}',
      ...BLOCKS.flatMap((block, index) => streamed(index, block)),
      '{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":3}}',
    ],
    returned: (body) => /"content":(\[.*\])\}\]/s.exec(body)![1]!,
    expected: `[${BLOCKS.join(',')}]`,
  },
  {
    dialect: gemini,
    quirks: {},
    answer: `{"candidates":[{"content":{"role":"model","parts":[${PARTS.join(',')}]},"finishReason":"STOP"}]}`,
    events: [...PARTS, '{"text":""}'].map(
      (part, at) => `{"candidates":[{"content":{"parts":[${part}]}${at === 3 ? ',"finishReason":"STOP"' : ''}}]}`,
    ),
    returned: (body) => /"parts":(\[.*\])\}\]/s.exec(body)![1]!,
    expected: `[${PARTS.join(',')}]`,
  },
  {
    dialect: openaiChat,
    quirks: { supportsReasoningDetails: true },
    answer: `{"choices":[{"index":0,"message":{"role":"assistant","content":"I look.","reasoning":"Briefly.","reasoning_details":[${DETAILS}],"tool_calls":[${CALL}]},"finish_reason":"tool_calls"}]}`,
    events: [
      '{"choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning":"Brief","reasoning_details":[{"type":"reasoning.summary","summary":"Brief","index":0,"format":"openai-responses-v1"}]}}]}',
      '{"choices":[{"index":0,"delta":{"reasoning":"ly.","reasoning_details":[{"type":"reasoning.summary","summary":"ly.","index":0}]}}]}',
      `{"choices":[{"index":0,"delta":{"reasoning_details":[${DETAILS.split('},')[1]}]}}]}`,
      '{"choices":[{"index":0,"delta":{"content":"I look."}}]}',
      `{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,${CALL.slice(1)}]}}]}`,
      '{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}',
    ],
    returned: (body) => {
      const { content, reasoning_details, tool_calls } = JSON.parse(body).messages[0]
      return JSON.stringify({ content, reasoning_details, tool_calls })
    },
    expected: JSON.stringify({ content: 'I look.', reasoning_details: JSON.parse(`[${DETAILS}]`), tool_calls: JSON.parse(`[${CALL}]`) }),
  },
]

const asking = { requestId: 'req-1', created: 1, model: 'm', includeUsage: true }

describe.each(CLIENTS)('through a client of $dialect.id', (client) => {
  it.for(PROVIDERS)('an answer of $dialect.id comes back as it was', (provider) => {
    const chat = provider.dialect.decodeResponse(parseExact(provider.answer), decoding())
    const turn = client.kept(JSON.stringify(client.dialect.encodeResponse(chat)))
    expect(returned(client, provider, turn)).toBe(provider.expected)
  })

  it.for(PROVIDERS)('a stream of $dialect.id comes back as it was', (provider) => {
    const stage = pipe(provider.dialect.decodeStream(decoding()), client.dialect.encodeStream(asking))
    const events = [...provider.events.flatMap((data) => stage.push({ data })), ...stage.end()]
    expect(returned(client, provider, client.keptFromStream(events))).toBe(provider.expected)
  })
})

function returned(client: Client, provider: Provider, turn: string): string {
  const asked = client.dialect.decodeRequest(parseExact(client.request(turn)))
  return provider.returned(JSON.stringify(provider.dialect.encodeRequest(asked, { stream: false, quirks: provider.quirks })))
}

describe('calls and results of any conversation', () => {
  const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/)
  const call = fc.record({
    id,
    name: fc.stringMatching(/^[a-z_]{1,9}$/),
    input: fc.dictionary(fc.string(), fc.jsonValue()),
    result: fc.string({ minLength: 1 }),
  })
  const turn = fc.record({
    ask: fc.string({ minLength: 1 }).filter((text) => text.trim() !== ''),
    say: fc.string({ minLength: 1 }).filter((text) => text.trim() !== ''),
    calls: fc.uniqueArray(call, { selector: ({ id: its }) => its, maxLength: 4 }),
  })
  const turns = fc.array(turn, { minLength: 1, maxLength: 3 })

  it('keep words, calls, ids and order from Messages to every provider and back', () => {
    fc.assert(
      fc.property(turns, (said) => {
        const messages = said.flatMap(({ ask, say, calls }) => [
          { role: 'user', content: [{ type: 'text', text: ask }] },
          {
            role: 'assistant',
            content: [
              { type: 'text', text: say },
              ...calls.map(({ id: its, name, input }) => ({ type: 'tool_use', id: its, name, input })),
            ],
          },
          ...(calls.length === 0
            ? []
            : [
                { role: 'user', content: calls.map(({ id: its, result }) => ({ type: 'tool_result', tool_use_id: its, content: result })) },
              ]),
        ])
        const asked = anthropicMessages.decodeRequest({ model: 'm', max_tokens: 9, messages })
        const back: Any = JSON.parse(JSON.stringify(anthropicMessages.encodeRequest(asked, { stream: false, quirks: {} })))
        expect(flat(back.messages)).toEqual(flat(JSON.parse(JSON.stringify(messages))))

        const asGemini = JSON.parse(JSON.stringify(gemini.encodeRequest(asked, { stream: false, quirks: {} })))
        const viaGemini: Any = JSON.parse(JSON.stringify(gemini.decodeRequest(asGemini)))
        const asChat: Any = JSON.parse(JSON.stringify(openaiChat.encodeRequest(asked, { stream: false, quirks: {} })))
        expect(spoken(viaGemini.messages)).toEqual(spoken(asChat.messages))
      }),
    )
  })
})

/** All blocks with who said them: turns may be told in one message or several. */
function flat(messages: Any[]): object[] {
  return messages.flatMap(({ role, content }) => content.map((block: Any) => ({ role, ...block })))
}

/** What a chat says: a result that is a JSON object crosses as that object, so it is told by its value. */
function spoken(messages: Any[]): Any[] {
  const resultOf = (text: string) => {
    try {
      return Object(JSON.parse(text))
    } catch {
      return text
    }
  }
  return messages.map(({ role, content, tool_calls, tool_call_id }) => ({
    role,
    content: role === 'tool' ? resultOf(content) : content,
    calls: tool_calls?.map((call: Any) => [call.id, call.function.name, JSON.parse(call.function.arguments)]),
    tool_call_id,
  }))
}

describe('packed details', () => {
  it('come out as they went in, whatever they are and in whichever alphabet they come back', () => {
    const detail = fc.record({
      type: fc.constantFrom('reasoning.text' as const, 'reasoning.encrypted' as const),
      data: fc.string(),
      id: fc.string(),
    })
    fc.assert(
      fc.property(fc.array(detail), (details) => {
        const packed = packDetails(details)
        expect(JSON.parse(JSON.stringify(unpackDetails(packed)))).toEqual(details)
        expect(unpackDetails(Buffer.from(packed, 'base64').toString('base64url'))).toEqual(unpackDetails(packed))
      }),
    )
  })

  it.for(['', 'EvABCmcIDxABGAIqQFM', packDetails([]).slice(0, 20), packDetails([{ type: 'reasoning.odd' } as never])])(
    'are not seen in %s',
    (text) => {
      expect(unpackDetails(text)).toBeUndefined()
    },
  )
})

/** A block as Anthropic streams it: opened empty, then filled. */
function streamed(index: number, block: string): string[] {
  const whole = JSON.parse(block)
  const start = (content_block: unknown) => JSON.stringify({ type: 'content_block_start', index, content_block })
  const delta = (said: object) => JSON.stringify({ type: 'content_block_delta', index, delta: said })
  const stop = JSON.stringify({ type: 'content_block_stop', index })
  if (whole.type === 'text') return [start({ type: 'text', text: '' }), delta({ type: 'text_delta', text: whole.text }), stop]
  if (whole.type === 'redacted_thinking') return [start(whole), stop]
  if (whole.type === 'thinking') {
    const pieces = [whole.thinking.slice(0, 3), whole.thinking.slice(3)].map((thinking) => delta({ type: 'thinking_delta', thinking }))
    return [
      start({ ...whole, thinking: '', signature: '' }),
      ...pieces,
      delta({ type: 'signature_delta', signature: whole.signature }),
      stop,
    ]
  }
  const input = /"input":(.*)\}$/.exec(block)![1]!
  const pieces = input === '{}' ? [] : [input.slice(0, 15), input.slice(15)]
  return [start({ ...whole, input: {} }), ...pieces.map((partial_json) => delta({ type: 'input_json_delta', partial_json })), stop]
}
