import { describe, expect, it } from 'vitest'
import type { IngressDialect } from '../../../src/contract/dialect.ts'
import { paramsDropped, paramsRefused } from '../../../src/contract/params.ts'
import { anthropicMessages } from '../../../src/dialects/anthropic-messages.ts'
import { gemini } from '../../../src/dialects/gemini.ts'
import { openaiChat } from '../../../src/dialects/openai-chat.ts'
import { openaiCompletions } from '../../../src/dialects/openai-completions.ts'
import { GatewayError } from '../../../src/errors.ts'
import { type Meaning, meaningOf } from '../../support/hub-request.ts'
import { hasShared, OWN, recordingsIn, SHARED } from './recordings.ts'
import type { Any } from './words.ts'

// What clients of other protocols ask, in the hub's words.

const hub = (dialect: IngressDialect, body: object): Any => JSON.parse(JSON.stringify(dialect.decodeRequest(body)))
const claude = (body: object): Any => hub(anthropicMessages, { model: 'm', max_tokens: 9, messages: [], ...body })
const google = (body: object): Any => hub(gemini, { contents: [], ...body })
const user = (...content: object[]) => ({ messages: [{ role: 'user', content }] })

describe('a Messages request', () => {
  it('is asked in the hub’s words', () => {
    const { messages: _, ...asked } = claude({
      stream: true,
      temperature: 0.1,
      top_p: 0.2,
      top_k: 3,
      stop_sequences: ['END'],
      thinking: { type: 'adaptive' },
      output_config: { effort: 'high', format: { type: 'json_schema', schema: { type: 'object' } } },
      metadata: { user_id: 'u1' },
      service_tier: 'standard_only',
      cache_control: { type: 'ephemeral' },
      anthropic_version: 'vertex-2023-10-16',
    })
    expect(asked).toEqual({
      model: 'm',
      max_tokens: 9,
      stream: true,
      temperature: 0.1,
      top_p: 0.2,
      top_k: 3,
      stop: ['END'],
      thinking: { type: 'adaptive' },
      reasoning_effort: 'high',
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object' }, strict: true } },
      user: 'u1',
      service_tier: 'default',
      cache_control: { type: 'ephemeral' },
    })
  })

  it('gives instructions at the start and in between', () => {
    const mark = { cache_control: { type: 'ephemeral', ttl: '1h' } }
    const system = [{ type: 'text', text: 'One.', ...mark }]
    const messages = [
      { role: 'user', content: 'Hello.' },
      { role: 'system', content: 'Two.' },
    ]
    expect(claude({ system, messages }).messages).toEqual([
      { role: 'system', content: [{ type: 'text', text: 'One.', ...mark }] },
      { role: 'user', content: 'Hello.' },
      { role: 'system', content: 'Two.' },
    ])
    expect(claude({ system: 'One.' }).messages).toEqual([{ role: 'system', content: 'One.' }])
  })

  it('shows pictures and documents wherever they lie', () => {
    const image = (source: object) => ({ type: 'image', source })
    const document = (source: object, rest = {}) => ({ type: 'document', source, ...rest })
    const said = user(
      image({ type: 'base64', media_type: 'image/png', data: 'AAAA' }),
      image({ type: 'url', url: 'https://pictures.example/a.png' }),
      document({ type: 'base64', media_type: 'application/pdf', data: 'BBBB' }, { title: 'log.pdf', citations: { enabled: true } }),
      document({ type: 'text', media_type: 'text/plain', data: 'é' }),
      document({ type: 'url', url: 'https://papers.example/b.pdf' }),
      document({ type: 'file', file_id: 'file_1' }),
      document({ type: 'content', content: [{ type: 'text', text: 'inside' }] }),
    )
    expect(claude(said).messages[0].content).toEqual([
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
      { type: 'image_url', image_url: { url: 'https://pictures.example/a.png' } },
      { type: 'file', file: { file_data: 'data:application/pdf;base64,BBBB', filename: 'log.pdf' }, citations: { enabled: true } },
      { type: 'file', file: { file_data: 'data:text/plain;base64,w6k=' } },
      { type: 'file', file: { file_data: 'https://papers.example/b.pdf' } },
      { type: 'file', file: { file_id: 'file_1' } },
      { type: 'text', text: 'inside' },
    ])
  })

  it('hands results in, before what else is said', () => {
    const result = (id: string, rest: object) => ({ type: 'tool_result', tool_use_id: id, ...rest })
    const picture = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } }
    const said = user(
      { type: 'text', text: 'Well?' },
      result('t1', { content: 'cold', is_error: true }),
      result('t2', { content: [{ type: 'text', text: 'seen' }, picture] }),
      result('t3', {}),
    )
    expect(claude(said).messages).toEqual([
      { role: 'tool', tool_call_id: 't1', content: 'cold', is_error: true },
      {
        role: 'tool',
        tool_call_id: 't2',
        content: [
          { type: 'text', text: 'seen' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
        ],
      },
      { role: 'tool', tool_call_id: 't3', content: '' },
      { role: 'user', content: 'Well?' },
    ])
  })

  it('offers tools, its own ones as they are', () => {
    const own = { type: 'web_search_20250305', name: 'web_search', max_uses: 2 }
    const look = { name: 'look', description: 'Looks.', input_schema: { type: 'object' }, strict: true, defer_loading: true }
    expect(claude({ tools: [look, own], tool_choice: { type: 'any', disable_parallel_tool_use: true } })).toMatchObject({
      tools: [
        {
          type: 'function',
          function: { name: 'look', description: 'Looks.', parameters: { type: 'object' }, strict: true },
          defer_loading: true,
        },
        own,
      ],
      tool_choice: 'required',
      parallel_tool_calls: false,
    })
  })

  it.for([
    [{ type: 'auto' }, 'auto'],
    [{ type: 'none' }, 'none'],
    [
      { type: 'tool', name: 'look' },
      { type: 'function', function: { name: 'look' } },
    ],
  ] as const)('chooses tools: %j', ([tool_choice, expected]) => {
    expect(claude({ tool_choice }).tool_choice).toEqual(expected)
  })

  it('names what others cannot do, and asks it of its own', () => {
    const own = { container: 'c1', mcp_servers: [{ type: 'url' }], context_management: { edits: [] }, speed: 'fast', inference_geo: 'eu' }
    const chat = anthropicMessages.decodeRequest({ model: 'm', max_tokens: 9, messages: [], ...own })
    for (const dialect of [openaiChat, gemini]) {
      expect(paramsRefused(chat, dialect)).toEqual(['container', 'inference_geo', 'mcp_servers'])
      expect(paramsDropped(chat, dialect)).toEqual(expect.arrayContaining(['context_management', 'speed']))
    }
    expect([paramsRefused(chat, anthropicMessages), paramsDropped(chat, anthropicMessages)]).toEqual([[], []])
    expect(anthropicMessages.encodeRequest(chat, { stream: false, quirks: {} })).toMatchObject(own)
  })

  it.for([
    ['messages.0.content.0.type', user({ type: 'server_tool_use', id: 's1', name: 'web_search', input: {} })],
    ['messages.0.content.0.source.type', user({ type: 'image', source: { type: 'ftp' } })],
    ['messages.0.role', { messages: [{ role: 'robot', content: 'x' }] }],
    ['messages', { messages: 'x' }],
    ['model', { model: 7 }],
    ['tools.0.type', { tools: [{ type: 'gizmo', name: 'x' }] }],
    ['tool_choice.type', { tool_choice: { type: 'some' } }],
    ['output_config.format.type', { output_config: { format: { type: 'grammar' } } }],
  ] as const)('is refused by name: %s', ([param, body]) => {
    expect(refusalOf(() => claude(body))).toEqual({ code: 'invalid_value', status: 400, param })
  })
})

describe('a generateContent request', () => {
  it('is asked in the hub’s words', () => {
    const generationConfig = {
      temperature: 0.1,
      topP: 0.2,
      topK: 3,
      maxOutputTokens: 4,
      candidateCount: 2,
      stopSequences: ['a'],
      seed: 5,
      presencePenalty: 0.6,
      frequencyPenalty: 0.7,
      responseLogprobs: true,
      logprobs: 2,
      responseModalities: ['TEXT', 'IMAGE'],
      responseMimeType: 'application/json',
      responseJsonSchema: { type: 'object' },
      thinkingConfig: { includeThoughts: true, thinkingBudget: 99 },
      mediaResolution: 'MEDIA_RESOLUTION_LOW',
    }
    const safetySettings = [{ category: 'c', threshold: 'BLOCK_NONE' }]
    expect(google({ generationConfig, safetySettings, cachedContent: 'cachedContents/1', labels: { team: 'a' } })).toEqual({
      model: '',
      messages: [],
      temperature: 0.1,
      top_p: 0.2,
      top_k: 3,
      max_tokens: 4,
      n: 2,
      stop: ['a'],
      seed: 5,
      presence_penalty: 0.6,
      frequency_penalty: 0.7,
      logprobs: true,
      top_logprobs: 2,
      modalities: ['text', 'image'],
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object' } } },
      reasoning: { exclude: false, enabled: true, max_tokens: 99 },
      generation_config: { mediaResolution: 'MEDIA_RESOLUTION_LOW' },
      safety_settings: safetySettings,
      cached_content: 'cachedContents/1',
      labels: { team: 'a' },
    })
  })

  it('is read in both spellings, with nulls and without lists', () => {
    const body = {
      system_instruction: { parts: { text: 'Be brief.' } },
      contents: { parts: { inline_data: { mime_type: 'image/png', data: 'AAAA' } } },
      generation_config: { max_output_tokens: 4, response_mime_type: 'application/json', thinking_config: { include_thoughts: true } },
      safety_settings: null,
      tools: { function_declarations: { name: 'look', parameters_json_schema: { type: 'object' } } },
    }
    expect(google({ ...body, contents: body.contents })).toEqual({
      model: '',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] },
      ],
      max_tokens: 4,
      response_format: { type: 'json_object' },
      reasoning: { exclude: false },
      tools: [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }],
    })
  })

  it('describes tools and answers in JSON Schema, whatever it was written in', () => {
    const schema = {
      type: 'OBJECT',
      property_ordering: ['type'],
      properties: {
        type: { type: 'STRING', format: 'enum', enum: ['a'], nullable: true },
        list: { type: 'ARRAY', items: { anyOf: [{ type: 'INTEGER', format: 'int64' }] }, minItems: '1' },
      },
      required: ['type'],
    }
    const expected = {
      type: 'object',
      properties: {
        type: { type: ['string', 'null'], enum: ['a'] },
        list: { type: 'array', items: { anyOf: [{ type: 'integer', format: 'int64' }] }, minItems: 1 },
      },
      required: ['type'],
    }
    const tools = [{ functionDeclarations: [{ name: 'look', parameters: schema }] }, { googleSearch: {} }]
    const asked = google({ tools, generationConfig: { responseMimeType: 'application/json', responseSchema: schema } })
    expect(asked.tools).toEqual([
      { type: 'function', function: { name: 'look', parameters: expected } },
      { type: 'googleSearch', googleSearch: {} },
    ])
    expect(asked.response_format.json_schema.schema).toEqual(expected)
  })

  it.for([
    [{ mode: 'AUTO' }, 'auto'],
    [{ mode: 'VALIDATED' }, 'auto'],
    [{ mode: 'NONE' }, 'none'],
    [{ mode: 'ANY' }, 'required'],
    [
      { mode: 'ANY', allowedFunctionNames: ['look'] },
      { type: 'function', function: { name: 'look' } },
    ],
    [
      { mode: 'ANY', allowedFunctionNames: ['look', 'wait'] },
      {
        type: 'allowed_tools',
        allowed_tools: {
          mode: 'required',
          tools: ['look', 'wait'].map((name) => ({ type: 'function', function: { name } })),
        },
      },
    ],
  ] as const)('chooses tools: %j', ([functionCallingConfig, expected]) => {
    expect(google({ toolConfig: { functionCallingConfig } }).tool_choice).toEqual(expected)
  })

  it.for([
    [{ thinkingBudget: 0 }, { exclude: true, enabled: false }],
    [
      { thinkingBudget: -1, includeThoughts: true },
      { exclude: false, enabled: true },
    ],
    [{ thinkingLevel: 'LOW' }, { exclude: true, effort: 'low' }],
  ] as const)('thinks as asked: %j', ([thinkingConfig, expected]) => {
    expect(google({ generationConfig: { thinkingConfig } }).reasoning).toEqual(expected)
  })

  it('pairs results with calls that have no ids, in order', () => {
    const contents = [
      { role: 'user', parts: [{ text: 'Both.' }] },
      {
        role: 'model',
        parts: [{ functionCall: { name: 'one', args: { a: 1 } } }, { functionCall: { name: 'two' } }, { functionCall: { name: 'one' } }],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { name: 'two', response: { error: 'cold' } } },
          { functionResponse: { name: 'one', response: { output: 'seen' } } },
          { functionResponse: { name: 'one', response: { deep: [1] } } },
          { text: 'Well?' },
        ],
      },
    ]
    const [, answer, ...results] = google({ contents }).messages
    expect(answer.tool_calls.map((call: Any) => [call.id, call.function.name, call.function.arguments])).toEqual([
      ['call_0', 'one', '{"a":1}'],
      ['call_1', 'two', '{}'],
      ['call_2', 'one', '{}'],
    ])
    expect(results).toEqual([
      { role: 'tool', tool_call_id: 'call_1', content: 'cold', is_error: true },
      { role: 'tool', tool_call_id: 'call_0', content: 'seen' },
      { role: 'tool', tool_call_id: 'call_2', content: '{"deep":[1]}' },
      { role: 'user', content: 'Well?' },
    ])
  })

  it('shows, plays and lends files', () => {
    const parts = [
      { inlineData: { mimeType: 'audio/wav', data: 'AAAA' } },
      { inlineData: { mimeType: 'application/pdf', data: 'BBBB', displayName: 'log.pdf' } },
      { fileData: { mimeType: 'image/jpeg', fileUri: 'https://pictures.example/a' } },
      { fileData: { fileUri: 'https://files.example/v1beta/files/f1' } },
    ]
    expect(google({ contents: [{ role: 'user', parts }] }).messages[0].content).toEqual([
      { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
      { type: 'file', file: { file_data: 'data:application/pdf;base64,BBBB', filename: 'log.pdf' } },
      { type: 'image_url', image_url: { url: 'https://pictures.example/a' } },
      { type: 'file', file: { file_id: 'https://files.example/v1beta/files/f1' } },
    ])
  })

  it('names what others cannot do', () => {
    const chat = gemini.decodeRequest({
      contents: [],
      cachedContent: 'c',
      safetySettings: [1],
      generationConfig: { speechConfig: { a: 1 } },
    })
    for (const dialect of [openaiChat, anthropicMessages]) {
      expect(paramsRefused(chat, dialect)).toEqual(['cached_content'])
      expect(paramsDropped(chat, dialect)).toEqual(['generation_config', 'safety_settings'])
    }
  })

  it.for([
    ['contents.0.role', { contents: [{ role: 'robot', parts: [] }] }],
    ['contents.0.parts.0', { contents: [{ parts: [{ executableCode: { code: '1' } }] }] }],
    ['contents.0.parts.0.functionCall.name', { contents: [{ role: 'model', parts: [{ functionCall: {} }] }] }],
    ['contents.0', { contents: 'x' }],
    ['tools.0.gizmo', { tools: [{ gizmo: {} }] }],
    ['generationConfig.responseMimeType', { generationConfig: { responseMimeType: 'text/x.enum' } }],
  ] as const)('is refused by name: %s', ([param, body]) => {
    expect(refusalOf(() => google(body))).toMatchObject({ code: 'invalid_value', status: 400, param })
  })
})

describe('a completion request', () => {
  const complete = (body: object): Any => hub(openaiCompletions, { model: 'm', prompt: 'Once', ...body })

  it('is what a user says', () => {
    const habits = { echo: false, suffix: null, best_of: 1, stream: true }
    expect(complete({ ...habits, logprobs: 3, max_tokens: 5 })).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'Once' }],
      stream: true,
      max_tokens: 5,
      logprobs: true,
      top_logprobs: 3,
    })
    expect(complete({ prompt: ['Once'] }).messages).toEqual([{ role: 'user', content: 'Once' }])
  })

  it.for([
    ['suffix', { suffix: 'end' }],
    ['echo', { echo: true }],
    ['best_of', { best_of: 3 }],
  ] as const)('is refused by name: %s', ([param, body]) => {
    expect(refusalOf(() => complete(body))).toEqual({ code: 'unsupported_parameter', status: 400, param })
  })

  it.for([
    ['prompt', { prompt: ['a', 'b'] }],
    ['prompt.0', { prompt: [17, 18] }],
    ['prompt', { prompt: undefined }],
  ] as const)('is refused by name: %s %j', ([param, body]) => {
    expect(refusalOf(() => complete(body))).toEqual({ code: 'invalid_value', status: 400, param })
  })

  it('goes back to a model of its kind as it came, a conversation does not', () => {
    const chat = openaiCompletions.decodeRequest({ model: 'm', prompt: 'Once', logprobs: 2, max_tokens: 5 })
    const encode = (asked: typeof chat): Any =>
      JSON.parse(JSON.stringify(openaiCompletions.encodeRequest(asked, { stream: false, quirks: {} })))
    expect(encode(chat)).toEqual({ model: 'm', prompt: 'Once', logprobs: 2, max_tokens: 5 })
    expect(refusalOf(() => encode({ ...chat, messages: [...chat.messages, ...chat.messages] }))).toMatchObject({ param: 'messages' })
  })

  it('asks for a stream where the client’s protocol says so in its path', () => {
    const chat = gemini.decodeRequest({ contents: [{ role: 'user', parts: [{ text: 'Once' }] }] })
    expect(openaiCompletions.encodeRequest(chat, { stream: true, quirks: {} })).toMatchObject({
      stream: true,
      stream_options: { include_usage: true },
    })
  })
})

describe('what other clients ask of an OpenAI-style provider', () => {
  const chat = (asked: object, quirks = {}): Any =>
    JSON.parse(JSON.stringify(openaiChat.encodeRequest({ model: 'm', messages: [], ...asked }, { stream: false, quirks })))

  it.for([
    [{ thinking: { type: 'enabled', budget_tokens: 1024 } }, {}, 'low'],
    [{ thinking: { type: 'enabled', budget_tokens: 2000 } }, {}, 'medium'],
    [{ thinking: { type: 'enabled', budget_tokens: 31_999 } }, {}, 'high'],
    [{ thinking: { type: 'adaptive' }, reasoning_effort: 'max' }, { reasoningEfforts: { max: 'xhigh' } }, 'xhigh'],
    [{ thinking: { type: 'adaptive' } }, {}, undefined],
    [{ thinking: { type: 'disabled' } }, {}, 'none'],
    [{ reasoning: { max_tokens: 99, exclude: true } }, {}, 'low'],
  ] as const)('is an effort: %j', ([asked, quirks, expected]) => {
    expect(chat(asked, quirks)).toEqual({ model: 'm', messages: [], ...(expected ? { reasoning_effort: expected } : {}) })
  })

  it('is no effort where the model is known not to reason', () => {
    const sent = openaiChat.encodeRequest(
      { model: 'm', messages: [], reasoning_effort: 'high' },
      { stream: false, reasons: false, quirks: {} },
    )
    expect(JSON.parse(JSON.stringify(sent))).toEqual({ model: 'm', messages: [] })
  })

  it('keeps marks only for who understands them, and names the others', () => {
    const mark = { cache_control: { type: 'ephemeral' } }
    const thought = { reasoning_content: 'a', reasoning_details: [{ type: 'reasoning.text', text: 'a', signature: 's' }] }
    const asked = { messages: [{ role: 'assistant', content: [{ type: 'text', text: 'x', ...mark }], ...thought }] } as const
    expect(chat(asked)).toEqual({ model: 'm', messages: [{ role: 'assistant', content: [{ type: 'text', text: 'x' }] }] })
    const all = { supportsCacheControl: true, supportsReasoningDetails: true, requiresReasoningContent: true }
    expect(chat(asked, all)).toEqual({ model: 'm', ...asked })
    const request = { model: 'm', ...asked } as unknown as Parameters<typeof paramsDropped>[0]
    expect(paramsDropped(request, openaiChat)).toEqual(['messages.content.cache_control', 'messages.reasoning_details'])
    expect(paramsDropped(request, openaiChat, all)).toEqual([])
  })

  it('is shown by the user where a tool gave more than words', () => {
    const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }
    const result = (tool_call_id: string, content: unknown) => ({ role: 'tool', tool_call_id, content })
    const results = [result('a', [{ type: 'text', text: 'seen' }, picture]), result('b', 'words'), result('c', [picture])]
    const told = [result('a', 'seen'), result('b', 'words'), result('c', 'See the next message.')]
    expect(chat({ messages: results }).messages).toEqual([...told, { role: 'user', content: [picture, picture] }])
    expect(chat({ messages: [...results, { role: 'user', content: 'Well?' }] }).messages).toEqual([
      ...told,
      { role: 'user', content: [picture, picture, { type: 'text', text: 'Well?' }] },
    ])
  })

  it('shortens a user’s name that OpenAI would refuse', () => {
    expect([chat({ user: 'u1' }).user, chat({ user: 'u'.repeat(90) }).user.length]).toEqual(['u1', 64])
  })

  it('is refused by name where it is a tool of another provider', () => {
    expect(refusalOf(() => chat({ tools: [{ type: 'web_search_20250305', name: 'web_search' }] }))).toMatchObject({ param: 'tools.0.type' })
  })
})

describe('a recorded request comes back to its own protocol', () => {
  const recordings = [...recordingsIn(OWN), ...recordingsIn(SHARED)].filter(
    ({ request, response }) => request?.body && response.status === 200,
  )
  const cases = [
    {
      dialect: anthropicMessages,
      apis: /^(anthropic|azure\.anthropic|vertex\.anthropic|bedrock\.invoke[a-z-]*)\.(messages|rawPredict|streamRawPredict|anthropic)$/,
    },
    { dialect: gemini, apis: /^(google|vertex)\.(streamGenerateContent|generateContent)$/ },
  ]

  describe.each(cases)('$dialect.id', ({ dialect, apis }) => {
    const spoken = recordings.filter(({ api, request }) => apis.test(api) && !request!.body.includes('max_tokens_to_sample'))

    it('of which there are enough to mean something', () => {
      expect(spoken.length).toBeGreaterThan(hasShared ? 20 : 3)
    })

    it.for(spoken)('$file', ({ request }) => {
      const body = { model: 'm', ...JSON.parse(request!.body) }
      const chat = dialect.decodeRequest(dialect === gemini ? JSON.parse(request!.body) : body)
      const back = JSON.parse(JSON.stringify(dialect.encodeRequest(chat, { stream: chat.stream === true, quirks: {} })))
      expect(alike(meaningOf(back))).toEqual(alike(meaningOf(spelt(body))))
      expect(settingsOf(back)).toEqual(settingsOf(spelt(body)))
    })
  })
})

/** The recordings write Google's names in both spellings and leave lists out; one reader need not know that. */
function spelt(body: Any): Any {
  if (!body.contents) return body
  const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())
  const walk = (value: Any): Any => {
    if (Array.isArray(value)) return value.map(walk)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [camel(name), walk(inner)]))
  }
  return walk(body)
}

/** Turns of one side that follow each other are one, and an empty one is none. */
function alike({ turns, ...meaning }: Meaning): object {
  const merged: Any[] = []
  for (const { role, text, calls, results } of turns) {
    const last = merged.at(-1)
    if (last?.role === role)
      merged[merged.length - 1] = { role, text: last.text + text, calls: [...last.calls, ...calls], results: last.results + results }
    else if (text !== '' || calls.length > 0 || results > 0) merged.push({ role, text, calls, results })
  }
  return { ...meaning, turns: merged }
}

/** What else than the conversation decides an answer. */
function settingsOf({
  temperature,
  top_p,
  top_k,
  stop_sequences,
  thinking,
  tool_choice,
  metadata,
  generationConfig = {},
  ...body
}: Any): object {
  const { temperature: heat, topP, topK, stopSequences, seed, candidateCount, responseMimeType } = generationConfig
  const given = {
    heat,
    topP,
    topK,
    stopSequences,
    seed,
    candidateCount,
    responseMimeType,
    mode: body.toolConfig?.functionCallingConfig?.mode,
  }
  const choice = tool_choice?.disable_parallel_tool_use === false ? { ...tool_choice, disable_parallel_tool_use: undefined } : tool_choice
  return { temperature, top_p, top_k, stop_sequences, thinking, choice, metadata, ...given }
}

function refusalOf(run: () => unknown): object | undefined {
  try {
    run()
  } catch (error) {
    return error instanceof GatewayError ? { code: error.code, status: error.status, param: error.details.param } : { error }
  }
  return undefined
}
