import { describe, expect, it } from 'vitest'
import type { ChatRequest } from '../../../src/contract/chat.ts'
import type { EncodeContext } from '../../../src/contract/dialect.ts'
import { anthropicMessages } from '../../../src/dialects/anthropic-messages.ts'
import { gemini } from '../../../src/dialects/gemini.ts'
import { openaiChat } from '../../../src/dialects/openai-chat.ts'
import { GatewayError } from '../../../src/errors.ts'
import type { Any } from './words.ts'

// How single parameters are said in Anthropic's and Gemini's words, and what cannot be said.

const user = (content: unknown) => ({ role: 'user', content })
const HELLO = user('hello')
const TOOLS = [{ type: 'function', function: { name: 'look', description: 'Looks.', parameters: { type: 'object', properties: {} } } }]
const SCHEMA = { type: 'object', properties: { knots: { type: 'integer' } }, required: ['knots'], additionalProperties: false }

function encode(
  dialect: typeof anthropicMessages | typeof gemini | typeof openaiChat,
  chat: Any,
  context: Partial<EncodeContext> = {},
): Any {
  const request: ChatRequest = openaiChat.decodeRequest({ model: 'm', messages: [HELLO], ...chat })
  return JSON.parse(JSON.stringify(dialect.encodeRequest(request, { stream: false, quirks: {}, ...context })))
}

const claude = (chat: Any, context?: Partial<EncodeContext>) => encode(anthropicMessages, chat, context)
const google = (chat: Any, context?: Partial<EncodeContext>) => encode(gemini, chat, context)

describe('Anthropic', () => {
  it('is always given a limit: the client’s, the model’s, or a modest one', () => {
    const given = [
      claude({ max_completion_tokens: 7, max_tokens: 9 }),
      claude({ max_tokens: 9 }),
      claude({}, { maxOutput: 64_000 }),
      claude({}),
    ]
    expect(given.map((body) => body.max_tokens)).toEqual([7, 9, 64_000, 4096])
  })

  it('hears instructions apart, whenever they were given, and turns that alternate', () => {
    const messages = [
      { role: 'system', content: 'One.' },
      HELLO,
      { role: 'developer', content: [{ type: 'text', text: 'Two.' }] },
      user('again'),
    ]
    expect(claude({ messages })).toMatchObject({
      system: [
        { type: 'text', text: 'One.' },
        { type: 'text', text: 'Two.' },
      ],
      messages: [{ role: 'user', content: [{ text: 'hello' }, { text: 'again' }] }],
    })
  })

  it('is spared blank text, which it refuses', () => {
    const messages = [user(['', ' \n', 'words'].map((text) => ({ type: 'text', text }))), { role: 'assistant', content: '' }]
    expect(claude({ messages }).messages).toEqual([{ role: 'user', content: [{ type: 'text', text: 'words' }] }])
  })

  it.for([
    ['auto', undefined, { type: 'auto' }],
    ['none', false, { type: 'none' }],
    ['required', true, { type: 'any' }],
    ['required', false, { type: 'any', disable_parallel_tool_use: true }],
    [{ type: 'function', function: { name: 'look' } }, undefined, { type: 'tool', name: 'look' }],
    [undefined, false, { type: 'auto', disable_parallel_tool_use: true }],
    [undefined, undefined, undefined],
  ])('chooses tools: %j, parallel %j', ([tool_choice, parallel_tool_calls, expected]) => {
    expect(claude({ tools: TOOLS, tool_choice, parallel_tool_calls }).tool_choice).toEqual(expected)
  })

  it('is given tools by schema, an empty one where there are no parameters', () => {
    const tools = [...TOOLS, { type: 'function', function: { name: 'wait', strict: true } }]
    expect(claude({ tools }).tools).toEqual([
      { name: 'look', description: 'Looks.', input_schema: { type: 'object', properties: {} } },
      { name: 'wait', input_schema: { type: 'object', properties: {} }, strict: true },
    ])
  })

  it('answers by a JSON schema', () => {
    const response_format = { type: 'json_schema', json_schema: { name: 'wind', strict: true, schema: SCHEMA } }
    expect(claude({ response_format }).output_config).toEqual({ format: { type: 'json_schema', schema: SCHEMA } })
    expect(claude({ response_format: { type: 'text' } }).output_config).toBeUndefined()
  })

  it.for([
    [{ reasoning_effort: 'minimal' }, {}, { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'low' } }],
    [{ reasoning_effort: 'xhigh' }, {}, { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'xhigh' } }],
    [{ reasoning_effort: 'none' }, {}, { thinking: { type: 'disabled' } }],
    [
      { reasoning: { effort: 'high', exclude: true } },
      {},
      { thinking: { type: 'adaptive', display: 'omitted' }, output_config: { effort: 'high' } },
    ],
    [
      { reasoning: { max_tokens: 3000 }, max_tokens: 9000 },
      {},
      { thinking: { type: 'enabled', budget_tokens: 3000, display: 'summarized' } },
    ],
    [
      { reasoning_effort: 'high', max_tokens: 9000 },
      { thinkingBy: 'budget' },
      { thinking: { type: 'enabled', budget_tokens: 8999, display: 'summarized' } },
    ],
    [{ thinking: { type: 'enabled', budget_tokens: 2000 } }, {}, { thinking: { type: 'enabled', budget_tokens: 2000 } }],
    [{ reasoning_effort: 'high', tools: TOOLS, tool_choice: 'required' }, {}, { output_config: { effort: 'high' } }],
    [{}, {}, {}],
  ] as const)('thinks as asked: %j %j', ([chat, quirks, expected]) => {
    const { thinking, output_config } = claude(chat, { quirks })
    expect({ thinking, output_config }).toEqual({ thinking: undefined, output_config: undefined, ...expected })
  })

  it('sees pictures and reads documents', () => {
    const content = [
      { type: 'image_url', image_url: { url: 'data:image/webp;base64,AAAA' }, cache_control: { type: 'ephemeral' } },
      { type: 'image_url', image_url: { url: 'https://pictures.example/a.png' } },
      { type: 'file', file: { filename: 'log.pdf', file_data: 'data:application/pdf;base64,BBBB' } },
      { type: 'file', file: { filename: 'log.txt', file_data: `data:text/plain;base64,${Buffer.from('wind: é').toString('base64')}` } },
      { type: 'file', file: { file_id: 'file_1' } },
    ]
    expect(claude({ messages: [user(content)] }).messages[0].content).toEqual([
      { type: 'image', source: { type: 'base64', media_type: 'image/webp', data: 'AAAA' }, cache_control: { type: 'ephemeral' } },
      { type: 'image', source: { type: 'url', url: 'https://pictures.example/a.png' } },
      { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'BBBB' }, title: 'log.pdf' },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'wind: é' }, title: 'log.txt' },
      { type: 'document', source: { type: 'file', file_id: 'file_1' } },
    ])
  })

  it('is given ids in its own alphabet, alike on both sides', () => {
    const tool_calls = [{ id: 'functions.look:0', type: 'function', function: { name: 'look', arguments: '{}' } }]
    const messages = [
      { role: 'assistant', tool_calls },
      { role: 'tool', tool_call_id: 'functions.look:0', content: 'x' },
    ]
    const [call, result] = claude({ messages }).messages.map((turn: Any) => turn.content[0])
    expect([call.id, result.tool_use_id]).toEqual(['functions_look_0', 'functions_look_0'])
  })

  it('is told stops, users and the cache', () => {
    const body = claude(
      { stop: 'END', user: 'u1', safety_identifier: 's1', cache_control: { type: 'ephemeral' }, top_k: 3 },
      { stream: true },
    )
    expect(body).toMatchObject({
      stop_sequences: ['END'],
      metadata: { user_id: 's1' },
      cache_control: { type: 'ephemeral' },
      top_k: 3,
      stream: true,
    })
  })

  it.for([
    ['response_format', { response_format: { type: 'json_object' } }],
    ['response_format.json_schema.schema', { response_format: { type: 'json_schema', json_schema: { name: 'x' } } }],
    ['tools.0.type', { tools: [{ type: 'custom', custom: { name: 'x' } }] }],
    ['tool_choice', { tools: TOOLS, tool_choice: { type: 'allowed_tools' } }],
    ['messages.0.content.0', { messages: [user([{ type: 'input_audio', input_audio: { data: 'A', format: 'wav' } }])] }],
    ['messages.0.content.0', { messages: [user([{ type: 'image_url', image_url: { url: 'file:///etc/passwd' } }])] }],
    ['messages.0.content.0.file', { messages: [user([{ type: 'file', file: {} }])] }],
    ['messages.0.tool_call_id', { messages: [{ role: 'tool', content: 'x' }] }],
    ['messages.0', { messages: [{ role: 'function', name: 'x', content: 'x' }] }],
  ] as const)('refuses %s by name', ([param, chat]) => {
    expect(refusalOf(() => claude(chat))).toEqual({ code: 'invalid_value', status: 400, param })
  })
})

describe('Gemini', () => {
  it('is told that a signature is lost, on the first call of a turn, where the client kept none', () => {
    const call = (id: string) => ({ id, type: 'function', function: { name: 'look', arguments: '{}' } })
    const results = ['a', 'b'].map((id) => ({ role: 'tool', tool_call_id: id, content: 'calm' }))
    const { contents } = google({ messages: [HELLO, { role: 'assistant', tool_calls: [call('a'), call('b')] }, ...results] })
    expect(contents[1].parts.map((part: Any) => part.thoughtSignature)).toEqual(['skip_thought_signature_validator', undefined])
  })

  it('is addressed by model and by whether it streams', () => {
    const paths = ['gemini-x', 'models/gemini-x', 'a/b?c:d'].flatMap((model) => [
      gemini.path({ model, stream: false }),
      gemini.path({ model, stream: true }),
    ])
    expect(paths).toEqual([
      '/models/gemini-x:generateContent',
      '/models/gemini-x:streamGenerateContent?alt=sse',
      '/models/gemini-x:generateContent',
      '/models/gemini-x:streamGenerateContent?alt=sse',
      '/models/a%2Fb%3Fc%3Ad:generateContent',
      '/models/a%2Fb%3Fc%3Ad:streamGenerateContent?alt=sse',
    ])
  })

  it('is configured in its own names', () => {
    const chat = {
      temperature: 0.1,
      top_p: 0.2,
      top_k: 3,
      max_tokens: 4,
      n: 2,
      stop: ['a', 'b'],
      seed: 5,
      presence_penalty: 0.6,
      frequency_penalty: 0.7,
    }
    expect(google({ ...chat, logprobs: true, top_logprobs: 2, modalities: ['text', 'image'] }).generationConfig).toEqual({
      temperature: 0.1,
      topP: 0.2,
      topK: 3,
      maxOutputTokens: 4,
      candidateCount: 2,
      stopSequences: ['a', 'b'],
      seed: 5,
      presencePenalty: 0.6,
      frequencyPenalty: 0.7,
      responseLogprobs: true,
      logprobs: 2,
      responseModalities: ['TEXT', 'IMAGE'],
    })
  })

  it.for([
    ['auto', { mode: 'AUTO' }],
    ['none', { mode: 'NONE' }],
    ['required', { mode: 'ANY' }],
    [
      { type: 'function', function: { name: 'look' } },
      { mode: 'ANY', allowedFunctionNames: ['look'] },
    ],
  ])('chooses tools: %j', ([tool_choice, functionCallingConfig]) => {
    const { tools, toolConfig } = google({ tools: TOOLS, tool_choice })
    expect(toolConfig).toEqual({ functionCallingConfig })
    expect(tools).toEqual([
      { functionDeclarations: [{ name: 'look', description: 'Looks.', parametersJsonSchema: { type: 'object', properties: {} } }] },
    ])
  })

  it('answers in JSON, by a schema or freely', () => {
    const response_format = { type: 'json_schema', json_schema: { name: 'wind', schema: SCHEMA } }
    expect(google({ response_format }).generationConfig).toEqual({ responseMimeType: 'application/json', responseJsonSchema: SCHEMA })
    expect(google({ response_format: { type: 'json_object' } }).generationConfig).toEqual({ responseMimeType: 'application/json' })
  })

  it.for([
    [{ reasoning_effort: 'none' }, {}, { thinkingBudget: 0 }],
    [{ reasoning_effort: 'medium' }, {}, { includeThoughts: true, thinkingBudget: 8192 }],
    [{ reasoning: { max_tokens: 99, exclude: true } }, {}, { includeThoughts: false, thinkingBudget: 99 }],
    [{ reasoning: { enabled: true } }, {}, { includeThoughts: true, thinkingBudget: -1 }],
    [{ thinking: { type: 'adaptive', display: 'omitted' } }, {}, { includeThoughts: false, thinkingBudget: -1 }],
    [{ reasoning_effort: 'max' }, { thinkingBy: 'effort' }, { includeThoughts: true, thinkingLevel: 'HIGH' }],
    [{ reasoning_effort: 'none' }, { thinkingBy: 'effort' }, { thinkingLevel: 'MINIMAL' }],
    [{}, {}, undefined],
  ] as const)('thinks as asked: %j %j', ([chat, quirks, expected]) => {
    expect(google(chat, { quirks }).generationConfig.thinkingConfig).toEqual(expected)
  })

  it('sees, hears and reads', () => {
    const content = [
      { type: 'text', text: 'All of it.' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
      { type: 'image_url', image_url: { url: 'data:image/svg+xml,%3Csvg%2F%3E%' } },
      { type: 'image_url', image_url: { url: 'https://pictures.example/a.JPG?w=2' } },
      { type: 'image_url', image_url: { url: 'gs://bucket/unknown' } },
      { type: 'input_audio', input_audio: { data: 'CCCC', format: 'wav' } },
      { type: 'file', file: { filename: 'log.pdf', file_data: 'BBBB' } },
      { type: 'file', file: { file_id: 'https://files.example/v1beta/files/f1' } },
    ]
    expect(google({ messages: [{ role: 'system', content: 'Look.' }, user(content)] })).toMatchObject({
      systemInstruction: { parts: [{ text: 'Look.' }] },
      contents: [
        {
          role: 'user',
          parts: [
            { text: 'All of it.' },
            { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
            { inlineData: { mimeType: 'image/svg+xml', data: Buffer.from('<svg/>%').toString('base64') } },
            { fileData: { fileUri: 'https://pictures.example/a.JPG?w=2', mimeType: 'image/jpeg' } },
            { fileData: { fileUri: 'gs://bucket/unknown' } },
            { inlineData: { mimeType: 'audio/wav', data: 'CCCC' } },
            { inlineData: { mimeType: 'application/pdf', data: 'BBBB' } },
            { fileData: { fileUri: 'https://files.example/v1beta/files/f1' } },
          ],
        },
      ],
    })
  })

  it.for([
    ['modalities', { modalities: ['text', 'audio'] }],
    ['response_format.type', { response_format: { type: 'grammar' } }],
    ['tools.0.type', { tools: [{ type: 'custom' }] }],
    ['tool_choice', { tools: TOOLS, tool_choice: { type: 'allowed_tools' } }],
    ['messages.0.tool_call_id', { messages: [{ role: 'tool', tool_call_id: 'c9', content: 'x' }] }],
    ['messages.0.content.0.file.file_id', { messages: [user([{ type: 'file', file: { file_id: 'file-9' } }])] }],
  ] as const)('refuses %s by name', ([param, chat]) => {
    expect(refusalOf(() => google(chat))).toEqual({ code: 'invalid_value', status: 400, param })
  })
})

describe('OpenAI chat', () => {
  const openai = (chat: Any, quirks: EncodeContext['quirks'], stream = false) => encode(openaiChat, chat, { quirks, stream })

  it('is the request itself where a provider has no quirks', () => {
    const chat = { model: 'm', messages: [HELLO], surprise: { a: [1] }, max_tokens: 5, reasoning_effort: 'low' }
    expect(openai(chat, {})).toEqual(chat)
  })

  it('follows the quirks of its speakers', () => {
    const messages = [
      { role: 'developer', content: 'x' },
      { role: 'assistant', content: null, tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }] },
    ]
    const quirks = {
      supportsDeveloperRole: false,
      requiresReasoningContent: true,
      requiresNonNullAssistantContent: true,
      maxTokensField: 'max_tokens',
    } as const
    const body = openai({ messages, max_completion_tokens: 5 }, quirks, true)
    expect(body).toMatchObject({ max_tokens: 5, stream_options: { include_usage: true } })
    expect(body.messages).toMatchObject([{ role: 'system' }, { role: 'assistant', content: '', reasoning_content: '' }])
    expect(openai({}, { usageInStreaming: false }, true).stream_options).toBeUndefined()
  })

  it.for([
    ['thinking.type', { thinking: { type: 'enabled' } }],
    ['thinking.type+reasoning_effort', { thinking: { type: 'enabled' }, reasoning_effort: 'high' }],
    ['reasoning.effort', { reasoning: { effort: 'high' } }],
    ['reasoning.enabled', { reasoning: { enabled: true } }],
    ['enable_thinking', { enable_thinking: true }],
    ['chat_template_kwargs', { chat_template_kwargs: { enable_thinking: true } }],
    ['thinking', { thinking: 'high' }],
  ] as const)('says effort by %s', ([thinkingFormat, expected]) => {
    const {
      model: _model,
      messages: _messages,
      ...said
    } = openai({ reasoning_effort: 'xhigh' }, { thinkingFormat, reasoningEfforts: { xhigh: 'high' } })
    expect(said).toEqual(expected)
  })

  it.for([
    ['messages', { messages: 'x' }],
    ['messages.0.role', { messages: [{ role: 'robot', content: 'x' }] }],
    ['messages.0.content', { messages: [user(7)] }],
    ['model', { model: 7 }],
    ['stream', { stream: 'yes' }],
  ] as const)('refuses a malformed %s by name', ([param, chat]) => {
    expect(refusalOf(() => openai(chat, {}))).toEqual({ code: 'invalid_value', status: 400, param })
  })
})

function refusalOf(run: () => unknown): object | undefined {
  try {
    run()
  } catch (error) {
    return error instanceof GatewayError ? { code: error.code, status: error.status, param: error.details.param } : { error }
  }
  return undefined
}
