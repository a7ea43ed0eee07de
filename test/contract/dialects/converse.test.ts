import { describe, expect, it } from 'vitest'
import { anthropicOnBedrock } from '../../../providers/bedrock/anthropic.ts'
import { bedrockConverse } from '../../../providers/bedrock/converse.ts'
import { thinkingBy, vendorOf } from '../../../providers/bedrock/models.ts'
import type { ChatMessage, ChatRequest } from '../../../src/contract/chat.ts'
import type { EncodeContext } from '../../../src/contract/dialect.ts'
import { paramsDropped } from '../../../src/contract/params.ts'
import { anthropicMessages } from '../../../src/dialects/anthropic-messages.ts'
import { openaiChat } from '../../../src/dialects/openai-chat.ts'
import { GatewayError } from '../../../src/errors.ts'
import { parseExact } from '../../../src/wire/exact-json.ts'
import { event, exception, message } from '../../support/event-stream.ts'
import { decoding } from './recordings.ts'
import type { Any } from './words.ts'

// How Bedrock's Converse is spoken: what is said of single parameters, what comes back unchanged, and how its streams fail.

const CLAUDE = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const LATER = 'global.anthropic.claude-opus-4-6-v1'
const NOVA = 'amazon.nova-2-lite-v1:0'
const GPT = 'openai.gpt-oss-120b-1:0'
const LLAMA = 'meta.llama4-scout-17b-instruct-v1:0'

const user = (content: unknown) => ({ role: 'user', content })
const HELLO = user('hello')
const LOOK = { type: 'function', function: { name: 'look', description: 'Looks.', parameters: { type: 'object', properties: {} } } }
const CALLED = {
  role: 'assistant',
  content: null,
  tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' } }],
}
const SCHEMA = { type: 'object', properties: { knots: { type: 'integer' } }, required: ['knots'] }
const MARK = { type: 'ephemeral' }

function asked(chat: Any): ChatRequest {
  return { ...openaiChat.decodeRequest({ model: CLAUDE, messages: [HELLO], ...chat }) }
}

function encode(chat: Any, context: Partial<EncodeContext> = {}): Any {
  return JSON.parse(JSON.stringify(bedrockConverse.encodeRequest(asked(chat), { stream: false, quirks: {}, ...context })))
}

describe('the name of a model', () => {
  it.for([
    ['anthropic.claude-v2:1', 'anthropic'],
    ['us.anthropic.claude-opus-4-6-v1', 'anthropic'],
    ['us-gov.anthropic.claude-3-haiku', 'anthropic'],
    ['arn:aws:bedrock:us-east-1:1234:inference-profile/eu.amazon.nova-lite-v1:0', 'amazon'],
    ['arn:aws:bedrock:us-east-1::foundation-model/mistral.devstral-2-123b', 'mistral'],
    ['qwen.qwen3.5-next', 'qwen'],
    ['arn:aws:bedrock:us-east-1:1234:application-inference-profile/a1b2c3', undefined],
    ['claude', undefined],
  ])('%s tells its vendor', ([model, vendor]) => {
    expect(vendorOf(model!)).toBe(vendor)
  })

  it.for([
    ['anthropic.claude-3-7-sonnet-20250219-v1:0', 'budget'],
    ['us.anthropic.claude-sonnet-4-20250514-v1:0', 'budget'],
    ['us.anthropic.claude-opus-4-5-20251101-v1:0', 'budget'],
    ['us.anthropic.claude-opus-4-6-v1', 'effort'],
    ['anthropic.claude-sonnet-5', 'effort'],
    ['eu.anthropic.claude-opus-4-7', 'effort'],
  ])('%s tells that it thinks by %s', ([model, by]) => {
    expect(thinkingBy(model!)).toBe(by)
  })

  it('is one segment of the path, ARNs too', () => {
    const model = 'arn:aws:bedrock:us-east-1:1234:application-inference-profile/a1b2c3'
    const segment = 'arn%3Aaws%3Abedrock%3Aus-east-1%3A1234%3Aapplication-inference-profile%2Fa1b2c3'
    expect(bedrockConverse.path({ model, stream: false })).toBe(`/model/${segment}/converse`)
    expect(bedrockConverse.path({ model, stream: true })).toBe(`/model/${segment}/converse-stream`)
    expect(anthropicOnBedrock.path({ model, stream: true })).toBe(`/model/${segment}/invoke-with-response-stream`)
  })
})

describe('a request in Converse', () => {
  it('says what all models understand in its own words', () => {
    const chat = {
      messages: [{ role: 'system', content: 'Be brief.' }, HELLO],
      ...{ max_tokens: 9, temperature: 0.5, top_p: 0.25, stop: 'END', metadata: { team: 'a' }, service_tier: 'flex' },
    }
    expect(encode(chat)).toEqual({
      system: [{ text: 'Be brief.' }],
      messages: [{ role: 'user', content: [{ text: 'hello' }] }],
      inferenceConfig: { maxTokens: 9, temperature: 0.5, topP: 0.25, stopSequences: ['END'] },
      requestMetadata: { team: 'a' },
      serviceTier: { type: 'flex' },
    })
  })

  it('says nothing that the client did not', () => {
    expect(encode({ service_tier: 'auto', tools: [] })).toEqual({ messages: [{ role: 'user', content: [{ text: 'hello' }] }] })
  })

  it('is spared blank text, which it refuses', () => {
    const messages = [user(['', ' \n', 'words'].map((text) => ({ type: 'text', text }))), { role: 'assistant', content: '' }]
    expect(encode({ messages }).messages).toEqual([{ role: 'user', content: [{ text: 'words' }] }])
  })

  it.for([
    ['auto', { auto: {} }],
    ['required', { any: {} }],
    [{ type: 'function', function: { name: 'look' } }, { tool: { name: 'look' } }],
    [undefined, undefined],
  ])('chooses tools: %j', ([tool_choice, toolChoice]) => {
    expect(encode({ tools: [LOOK], tool_choice }).toolConfig).toEqual({
      tools: [{ toolSpec: { name: 'look', description: 'Looks.', inputSchema: { json: { type: 'object', properties: {} } } } }],
      ...(toolChoice && { toolChoice }),
    })
  })

  it('forbids tools by telling of none, and says where it cannot', () => {
    expect(encode({ tools: [LOOK], tool_choice: 'none' }).toolConfig).toBeUndefined()
    const messages = [HELLO, CALLED, { role: 'tool', tool_call_id: 'c1', content: 'seen' }]
    expect(() => encode({ tools: [LOOK], tool_choice: 'none', messages })).toThrow(refusal('invalid_value', 'tool_choice'))
  })

  it('carries pictures, documents, sound and film, each document under a name of its own', () => {
    const file = (filename: string, type: string) => ({ type: 'file', file: { filename, file_data: `data:${type};base64,AAAA` } })
    const content = [
      { type: 'image_url', image_url: { url: 'data:image/jpeg;base64,AAAA' } },
      file('tides_2024!.pdf', 'application/pdf'),
      { ...file('tides 2024.csv', 'text/csv'), citations: { enabled: true }, context: 'of Veere' },
      file('film.mp4', 'video/mp4'),
      { type: 'input_audio', input_audio: { format: 'wav', data: 'AAAA' } },
    ]
    const source = { bytes: 'AAAA' }
    expect(encode({ messages: [user(content)] }).messages[0].content).toEqual([
      { image: { format: 'jpeg', source } },
      { document: { format: 'pdf', name: 'tides 2024', source } },
      { document: { format: 'csv', name: 'tides 2024 (2)', source, citations: { enabled: true }, context: 'of Veere' } },
      { video: { format: 'mp4', source } },
      { audio: { format: 'wav', source } },
    ])
  })

  it.for([
    ['an address, which it does not fetch', { type: 'image_url', image_url: { url: 'https://pictures.example/a.png' } }],
    ['a kind it does not know', { type: 'image_url', image_url: { url: 'data:image/tiff;base64,AAAA' } }],
  ])('refuses %s', ([, part]) => {
    expect(() => encode({ messages: [user([part])] })).toThrow(refusal('invalid_value', 'messages.0.content.0'))
  })

  it('answers calls in one turn, before the words that follow, failures marked', () => {
    const messages = [
      HELLO,
      { ...CALLED, tool_calls: [{ ...CALLED.tool_calls[0], id: 'functions.look:0' }] },
      user('Well?'),
      { role: 'tool', tool_call_id: 'functions.look:0', content: 'no', is_error: true },
    ]
    expect(encode({ messages, tools: [LOOK] }).messages.slice(1)).toEqual([
      { role: 'assistant', content: [{ toolUse: { toolUseId: 'functions_look_0', name: 'look', input: {} } }] },
      {
        role: 'user',
        content: [{ toolResult: { toolUseId: 'functions_look_0', content: [{ text: 'no' }], status: 'error' } }, { text: 'Well?' }],
      },
    ])
  })

  it('asks for JSON by a schema, as text, and by no other means', () => {
    const json_schema = { name: 'tide', schema: SCHEMA }
    expect(encode({ response_format: { type: 'json_schema', json_schema } }).outputConfig).toEqual({
      textFormat: { type: 'json_schema', structure: { jsonSchema: { name: 'tide', schema: JSON.stringify(SCHEMA) } } },
    })
    expect(() => encode({ response_format: { type: 'json_object' } })).toThrow(refusal('invalid_value', 'response_format'))
  })

  it('passes what a client that knows Converse says itself', () => {
    const own = { guardrailConfig: { guardrailIdentifier: 'g', guardrailVersion: '1' }, performanceConfig: { latency: 'optimized' } }
    expect(encode(own)).toMatchObject(own)
    expect(encode({ top_k: 5, additionalModelRequestFields: { top_k: 7 } }).additionalModelRequestFields).toEqual({ top_k: 7 })
  })
})

describe('marks of the cache', () => {
  const messages = [
    { role: 'system', content: [{ type: 'text', text: 'Long.', cache_control: { ...MARK, ttl: '1h' } }] },
    user([
      { type: 'text', text: 'a', cache_control: MARK },
      { type: 'text', text: 'b' },
    ]),
    CALLED,
    { role: 'tool', tool_call_id: 'c1', content: [{ type: 'text', text: 'seen', cache_control: MARK }] },
  ]
  const point = { cachePoint: { type: 'default' } }
  const tools = [{ ...LOOK, cache_control: MARK }]

  it('stand behind what is kept', () => {
    const body = encode({ messages, tools })
    expect(body.system).toEqual([{ text: 'Long.' }, { cachePoint: { type: 'default', ttl: '1h' } }])
    expect(body.messages[0].content).toEqual([{ text: 'a' }, point, { text: 'b' }])
    expect(body.messages[2].content).toEqual([{ toolResult: { toolUseId: 'c1', content: [{ text: 'seen' }] } }, point])
    expect(body.toolConfig.tools.at(-1)).toEqual(point)
    expect(encode({ cache_control: MARK }).messages[0].content).toEqual([{ text: 'hello' }, point])
  })

  it('are left out and named where the model keeps less', () => {
    const body = encode({ messages, tools, model: NOVA })
    expect([JSON.stringify(body.messages).includes('cachePoint'), JSON.stringify(body.toolConfig).includes('cachePoint')]).toEqual([
      true,
      false,
    ])
    expect(paramsDropped(asked({ messages, tools, model: NOVA }), bedrockConverse)).toEqual(['tools.cache_control'])
  })

  it('are left out and named where the model keeps none', () => {
    expect(JSON.stringify(encode({ messages, tools, model: LLAMA }))).not.toContain('cachePoint')
    expect(paramsDropped(asked({ messages, tools, model: LLAMA }), bedrockConverse)).toEqual([
      'messages.content.cache_control',
      'tools.cache_control',
    ])
  })
})

describe('what Converse has no word for is said in the words of the model’s vendor', () => {
  it.for([
    [CLAUDE, { top_k: 5 }, { top_k: 5 }],
    [CLAUDE, { anthropic_beta: ['context-1m-2025-08-07'] }, { anthropic_beta: ['context-1m-2025-08-07'] }],
    [CLAUDE, { reasoning_effort: 'low', max_tokens: 9000 }, { thinking: { type: 'enabled', budget_tokens: 1024, display: 'summarized' } }],
    [LATER, { reasoning_effort: 'high' }, { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'high' } }],
    [CLAUDE, { thinking: { type: 'enabled', budget_tokens: 2048 } }, { thinking: { type: 'enabled', budget_tokens: 2048 } }],
    [NOVA, { top_k: 5 }, { inferenceConfig: { topK: 5 } }],
    [NOVA, { reasoning_effort: 'max' }, { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'high' } }],
    [NOVA, { reasoning_effort: 'none' }, { reasoningConfig: { type: 'disabled' } }],
    [GPT, { reasoning_effort: 'minimal' }, { reasoning_effort: 'low' }],
  ])('%s: %j', ([model, chat, own]) => {
    expect(encode({ model, ...(chat as object) }).additionalModelRequestFields).toEqual(own)
    expect(paramsDropped(asked({ model, ...(chat as object) }), bedrockConverse)).toEqual([])
  })

  it.for([LLAMA, 'arn:aws:bedrock:us-east-1:1234:application-inference-profile/a1'])(
    'and named as lost where nobody knows them: %s',
    (model) => {
      const chat = { model, top_k: 5, reasoning_effort: 'high' }
      expect(encode(chat)).not.toHaveProperty('additionalModelRequestFields')
      expect(paramsDropped(asked(chat), bedrockConverse).sort()).toEqual(['reasoning_effort', 'top_k'])
    },
  )
})

describe('an answer that comes back', () => {
  const LONG = '{"berth":9007199254740993,"depth":0.12345678901234567890}'
  const blocks = [
    '{"reasoningContent":{"reasoningText":{"text":"First.","signature":"c2lnMQ=="}}}',
    '{"text":"Let me look."}',
    `{"reasoningContent":{"redactedContent":"${Buffer.from('aGlkZGVu').toString('base64')}"}}`,
    `{"toolUse":{"toolUseId":"tooluse_1","name":"tide_at","input":${LONG}}}`,
    '{"toolUse":{"toolUseId":"tooluse_2","name":"moon_phase","input":{}}}',
  ]
  const answer = `{"output":{"message":{"role":"assistant","content":[${blocks.join(',')}]}},"stopReason":"tool_use"}`
  const said = (message: ChatMessage, model = CLAUDE): string => {
    const body = JSON.stringify(bedrockConverse.encodeRequest({ model, messages: [message] }, { stream: false, quirks: {} }))
    return /"content":(.*)\}\]\}$/.exec(body)?.[1] ?? body
  }

  it('has the same blocks in the same order, every digit kept', () => {
    const message = bedrockConverse.decodeResponse(parseExact(answer), decoding({ model: CLAUDE })).choices[0]!.message
    expect(said(message)).toBe(`[${blocks.join(',')}]`)
  })

  it('has them after a stream', () => {
    const decoder = bedrockConverse.decodeStream(decoding({ model: CLAUDE }))
    const deltas = streamed(blocks)
      .flatMap((sent) => decoder.push(sent))
      .map((chunk) => chunk.choices[0]!.delta)
    const calls: Any[] = []
    for (const call of deltas.flatMap((delta) => delta.tool_calls ?? [])) {
      calls[call.index] ??= { id: call.id, type: 'function', function: { name: call.function?.name, arguments: '' } }
      calls[call.index].function.arguments += call.function?.arguments ?? ''
    }
    const message: ChatMessage = {
      role: 'assistant',
      content: deltas.map((delta) => delta.content ?? '').join(''),
      tool_calls: calls,
      reasoning_details: deltas.flatMap((delta) => delta.reasoning_details ?? []),
    }
    expect(said(message)).toBe(`[${blocks.join(',')}]`)
  })

  it('goes on at Anthropic itself with the thoughts it had here', () => {
    const message = bedrockConverse.decodeResponse(JSON.parse(answer), decoding({ model: CLAUDE })).choices[0]!.message
    const { messages }: Any = anthropicMessages.encodeRequest({ model: 'c', messages: [message] }, { stream: false, quirks: {} })
    expect(messages[0].content.slice(0, 3)).toEqual([
      { type: 'thinking', thinking: 'First.', signature: 'c2lnMQ==' },
      { type: 'text', text: 'Let me look.' },
      { type: 'redacted_thinking', data: 'aGlkZGVu' },
    ])
  })

  it('leaves out what another vendor’s model signed, and thoughts without a signature', () => {
    const message = bedrockConverse.decodeResponse(JSON.parse(answer), decoding({ model: CLAUDE })).choices[0]!.message
    expect(JSON.parse(said({ ...message, tool_calls: [] }, NOVA))).toEqual([{ text: 'Let me look.' }])
    const reasoning_details = [{ type: 'reasoning.text' as const, text: 'unsigned' }]
    expect(JSON.parse(said({ role: 'assistant', content: 'a', reasoning_details }))).toEqual([{ text: 'a' }])
  })
})

describe('an answer', () => {
  const answerOf = (content: Any[], stopReason = 'end_turn', more: object = {}) =>
    bedrockConverse.decodeResponse({ output: { message: { role: 'assistant', content } }, stopReason, ...more }, decoding())

  it.for([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['tool_use', 'tool_calls'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['guardrail_intervened', 'content_filter'],
    ['content_filtered', 'content_filter'],
    ['constructor', 'stop'],
  ])('that ended with %s is finished', ([stopReason, finish]) => {
    const [choice] = answerOf([{ text: 'a' }], stopReason).choices
    expect([choice?.finish_reason, choice?.native_finish_reason]).toEqual([finish, stopReason])
  })

  it('says what it cites, and shows what it drew', () => {
    const { message } = answerOf([
      { citationsContent: { content: [{ text: 'High at noon.' }], citations: [{ title: 'tides' }] } },
      { image: { format: 'webp', source: { bytes: 'AAAA' } } },
    ]).choices[0]!
    expect(message).toMatchObject({ content: 'High at noon.', images: [{ image_url: { url: 'data:image/webp;base64,AAAA' } }] })
  })

  it('keeps tools to itself that ran there', () => {
    const ran = { toolUseId: 't', name: 'nova_code_interpreter', input: {}, type: 'server_tool_use' }
    expect(answerOf([{ toolUse: ran }, { toolResult: { toolUseId: 't', content: [] } }, { text: 'a' }]).choices[0]?.message).toEqual({
      role: 'assistant',
      content: 'a',
    })
  })

  it('counts what was read from and written to the cache as input', () => {
    const usage = {
      ...{ inputTokens: 3, outputTokens: 121, totalTokens: 2072, cacheReadInputTokens: 1712, cacheWriteInputTokens: 236 },
      cacheDetails: [
        { ttl: '5m', inputTokens: 200 },
        { ttl: '1h', inputTokens: 36 },
      ],
    }
    expect(bedrockConverse.readUsage({ usage, serviceTier: { type: 'priority' } })).toEqual({
      ...{ input: 1951, output: 121, cacheRead: 1712, cacheWrite: 236, cacheWrite1h: 36, serviceTier: 'priority' },
      raw: usage,
    })
    expect(bedrockConverse.readUsage({ usage: { inputTokens: -1 } })).toBeUndefined()
  })

  it('that is none says so', () => {
    expect(() => bedrockConverse.decodeResponse({ output: {} }, decoding())).toThrow(refusal('upstream_protocol_error'))
  })
})

describe('an error', () => {
  it.for([
    [
      { message: 'Too many.' },
      { 'x-amzn-errortype': 'ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/' },
      'ThrottlingException',
    ],
    [{ __type: 'com.amazon#ValidationException', message: 'Too many.' }, {}, 'ValidationException'],
    [{ Message: 'Too many.' }, {}, undefined],
  ])('tells its type in a header or the body: %j', ([body, headers, type]) => {
    const failure = bedrockConverse.decodeError(body, headers as Record<string, string>)
    expect(failure).toMatchObject({ message: 'Too many.', ...(type && { type, code: type }) })
  })

  it('that nobody modelled says in headers what it is', () => {
    const headers = { ':message-type': 'error', ':error-code': 'InternalError', ':error-message': 'It broke.' }
    const [frame] = bedrockConverse.framing.split({ maxBytes: 1000 }).push(message(headers))
    expect(frame?.failure).toEqual({ message: 'It broke.', type: 'InternalError', code: 'InternalError' })
  })

  it.for([
    ['throttlingException', 429],
    ['validationException', 400],
    ['modelStreamErrorException', 502],
    ['serviceUnavailableException', 503],
    ['internalServerException', 500],
    ['somethingNewException', undefined],
  ])('inside a stream has the status it would have had: %s', ([type, status]) => {
    const [frame] = bedrockConverse.framing.split({ maxBytes: 1000 }).push(exception(type as string, { message: 'Slow down.' }))
    expect(frame?.failure).toEqual({ message: 'Slow down.', type, code: type, ...(status && { status }) })
  })
})

describe('Claude’s own stream in chunks', () => {
  it('is the server-sent stream that Anthropic would send', () => {
    const inner = ['{"type":"message_start","message":{"id":"m"}}', '{"index":0,"type":"content_block_stop"}', '{"type":"message_stop"}']
    const bytes = Buffer.concat(inner.map((text) => event('chunk', { bytes: Buffer.from(text).toString('base64'), p: 'abc' })))
    const frames = anthropicOnBedrock.framing.split({ maxBytes: 1000 }).push(bytes)
    expect(frames.map((frame) => frame.event)).toEqual(['message_start', 'content_block_stop', 'message_stop'])
    expect(Buffer.concat(frames.map((frame) => frame.bytes)).toString()).toBe(
      inner.map((data, at) => `event: ${frames[at]?.event}\ndata: ${data}\n\n`).join(''),
    )
  })

  it('is asked for without what the path says', () => {
    const body: Any = anthropicOnBedrock.encodeRequest(asked({ max_tokens: 9 }), { stream: true, quirks: {} })
    expect(JSON.parse(JSON.stringify(body))).toEqual({
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 9,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }],
    })
  })
})

const refusal = (code: string, param?: string) =>
  expect.toSatisfy((error) => error instanceof GatewayError && error.code === code && error.details.param === param)

/** The events that blocks come in, as `decodeStream` is given them. */
function streamed(blocks: readonly string[]): { event: string; data: string }[] {
  const told = (name: string, payload: object) => ({ event: name, data: JSON.stringify(payload) })
  const inner = blocks.flatMap((written, contentBlockIndex) => {
    const block: Any = JSON.parse(written)
    const delta = (said: object) => told('contentBlockDelta', { contentBlockIndex, delta: said, p: 'ab' })
    const stop = told('contentBlockStop', { contentBlockIndex })
    if (block.text) return [...[...block.text].map((text) => delta({ text })), stop]
    if (block.toolUse) {
      const { input: _, ...start } = block.toolUse
      const args = /"input":(.*)\}\}$/.exec(written)?.[1] ?? ''
      const pieces = args === '{}' ? [] : ['', args.slice(0, 9), args.slice(9)]
      return [
        told('contentBlockStart', { contentBlockIndex, start: { toolUse: start } }),
        ...pieces.map((input) => delta({ toolUse: { input } })),
        stop,
      ]
    }
    const { reasoningText, redactedContent } = block.reasoningContent
    if (redactedContent) return [delta({ reasoningContent: { redactedContent } }), stop]
    const { text, signature } = reasoningText
    return [...[...text].map((piece) => delta({ reasoningContent: { text: piece } })), delta({ reasoningContent: { signature } }), stop]
  })
  return [
    told('messageStart', { role: 'assistant' }),
    ...inner,
    told('messageStop', { stopReason: 'tool_use' }),
    told('metadata', { usage: {} }),
  ]
}
