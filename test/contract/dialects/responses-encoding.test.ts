import { describe, expect, it } from 'vitest'
import type { EncodeContext } from '../../../src/contract/dialect.ts'
import { paramsDropped, paramsRefused } from '../../../src/contract/params.ts'
import { openaiChat } from '../../../src/dialects/openai-chat.ts'
import { openaiResponses } from '../../../src/dialects/openai-responses.ts'
import { GatewayError } from '../../../src/errors.ts'
import { conversing } from '../../support/conversing.ts'
import type { Any } from './words.ts'

// How single parameters cross between the Responses API and the hub, and what cannot.

const HELLO = { role: 'user', content: 'hello' }
const LARK = { type: 'grammar', syntax: 'lark', definition: 'start: /.+/' }
const SCHEMA = { type: 'object', properties: { knots: { type: 'integer' } }, required: ['knots'], additionalProperties: false }
const LOOK = { type: 'function', name: 'look', description: 'Looks.', parameters: SCHEMA }

/** A chat request as the provider is sent it. */
function sent(chat: Any, context: Partial<EncodeContext> = {}): Any {
  const request = openaiChat.decodeRequest({ model: 'm', messages: [HELLO], ...chat })
  return plain(openaiResponses.encodeRequest(request, { stream: false, quirks: {}, ...context }))
}

/** A client's request in the hub's words. */
function asked(body: Any): Any {
  return plain(openaiResponses.decodeRequest({ model: 'm', input: 'hello', ...body }))
}

const plain = (value: unknown): Any => JSON.parse(JSON.stringify(value))

describe('a request of the Responses API', () => {
  it('is asked in the hub’s words', () => {
    const { messages, ...rest } = asked({
      instructions: 'Be brief.',
      max_output_tokens: 7,
      reasoning: { effort: 'low', summary: 'detailed', context: 'all_turns' },
      text: { format: { type: 'json_schema', name: 'wind', strict: true, schema: SCHEMA }, verbosity: 'low' },
      include: ['reasoning.encrypted_content', 'message.output_text.logprobs', 'file_search_call.results'],
      top_logprobs: 2,
      temperature: 0.5,
      previous_response_id: null,
      store: false,
      prompt_cache_key: 'k',
      context_management: [{ type: 'compaction' }],
    })
    expect(messages).toEqual([{ role: 'system', content: 'Be brief.' }, HELLO])
    expect(rest).toEqual({
      model: 'm',
      max_completion_tokens: 7,
      reasoning_effort: 'low',
      reasoning_summary: 'detailed',
      reasoning_context: 'all_turns',
      response_format: { type: 'json_schema', json_schema: { name: 'wind', strict: true, schema: SCHEMA } },
      verbosity: 'low',
      include: ['file_search_call.results'],
      logprobs: true,
      top_logprobs: 2,
      temperature: 0.5,
      store: false,
      prompt_cache_key: 'k',
      compaction: [{ type: 'compaction' }],
    })
  })

  it('has tools of three kinds: functions, free text, and those that run at the provider', () => {
    const patch = { type: 'custom', name: 'patch', description: 'Patches.', format: LARK }
    const { tools, hosted_tools } = asked({ tools: [LOOK, patch, { type: 'web_search' }, { type: 'custom', name: 'note' }] })
    expect(tools).toEqual([
      { type: 'function', function: { name: 'look', description: 'Looks.', parameters: SCHEMA } },
      {
        type: 'function',
        function: { name: 'patch', description: 'Patches.', parameters: freeText('Text that follows this lark grammar:\nstart: /.+/') },
        freeform: { format: LARK },
      },
      { type: 'function', function: { name: 'note', parameters: freeText() }, freeform: {} },
    ])
    expect(hosted_tools).toEqual([{ type: 'web_search' }])
  })

  it.for([
    ['auto', 'auto'],
    [
      { type: 'function', name: 'look' },
      { type: 'function', function: { name: 'look' } },
    ],
    [
      { type: 'custom', name: 'patch' },
      { type: 'function', function: { name: 'patch' } },
    ],
    [
      { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'look' }] },
      { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'look' } }] } },
    ],
  ])('chooses tools: %j', ([tool_choice, expected]) => {
    const tools = [LOOK, { type: 'custom', name: 'patch', format: LARK }]
    const chat = openaiResponses.decodeRequest({ model: 'm', input: 'x', tools, tool_choice })
    expect(chat.tool_choice).toEqual(expected)
    expect(plain(openaiResponses.encodeRequest(chat, { stream: false, quirks: {} }))).toMatchObject({
      tools: [{ ...LOOK, strict: false }, tools[1]],
      tool_choice,
    })
  })

  it('keeps pictures, files and sound', () => {
    const content = [
      { type: 'input_text', text: 'See.', prompt_cache_breakpoint: { mode: 'explicit' } },
      { type: 'input_image', image_url: 'https://pictures.example/a.png', detail: 'low' },
      { type: 'input_image', file_id: 'file_1' },
      { type: 'input_file', file_url: 'https://files.example/a.pdf' },
      { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
    ]
    expect(asked({ input: [{ role: 'user', content }] }).messages[0].content).toEqual([
      { type: 'text', text: 'See.', prompt_cache_breakpoint: { mode: 'explicit' } },
      { type: 'image_url', image_url: { url: 'https://pictures.example/a.png', detail: 'low' } },
      { type: 'file', file: { file_id: 'file_1' } },
      { type: 'file', file: { file_data: 'https://files.example/a.pdf' } },
      { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
    ])
  })

  it.for([
    ['model', { model: 7 }],
    ['input', { input: 7 }],
    ['input.0.type', { input: [{ type: 'item_reference', id: 'msg_1' }] }],
    ['input.0.role', { input: [{ role: 'tool', content: 'x' }] }],
    ['input.0.content.0.type', { input: [{ role: 'user', content: [{ type: 'image' }] }] }],
    ['input.0.call_id', { input: [{ type: 'function_call', name: 'look', arguments: '{}' }] }],
    ['tools.0.name', { tools: [{ type: 'function' }] }],
    ['max_output_tokens', { max_output_tokens: 'many' }],
  ] as const)('is refused where %s is wrong', ([param, body]) => {
    expect(refusalOf(() => asked(body))).toEqual({ code: 'invalid_value', status: 400, param })
  })

  const others = conversing.filter((dialect) => dialect !== openaiResponses)

  it.for(others)('loses nothing unsaid in $id', (dialect) => {
    const chat = openaiResponses.decodeRequest({
      model: 'm',
      input: [{ type: 'web_search_call', id: 'ws_1' }, HELLO],
      tools: [{ type: 'web_search' }, { type: 'custom', name: 'patch', format: LARK }],
      ...{ include: ['reasoning.encrypted_content'], truncation: 'auto', reasoning: { summary: 'auto' }, background: false, store: false },
    })
    expect(paramsRefused(chat, dialect)).toEqual([])
    expect(paramsDropped(chat, dialect).sort()).toEqual(['hosted_items', 'hosted_tools', 'tools.freeform', 'truncation'])
    expect(JSON.stringify(dialect.encodeRequest(chat, { stream: false, quirks: {} }))).not.toMatch(/hosted_|freeform|web_search|truncation/)
  })

  it.for(others)('is refused by name in $id where its past is elsewhere', (dialect) => {
    const refused = (body: Any) => paramsRefused(openaiResponses.decodeRequest({ model: 'm', input: 'x', ...body }), dialect)
    expect(
      [{ previous_response_id: 'resp_1' }, { conversation: 'conv_1' }, { background: true }, { prompt: { id: 'pmpt_1' } }].map(refused),
    ).toEqual([['previous_response_id'], ['conversation'], ['background'], ['prompt']])
  })

  it('is looked at in the places where it tells what judging must know', () => {
    const { glance } = openaiResponses
    const fields: Any = {
      model: 'm',
      stream: true,
      max_output_tokens: 9,
      tools: [{}],
      text: { format: { type: 'json_schema' } },
      safety_identifier: 's',
    }
    const get = (name: string) => fields[name]
    const top = { text: get, flag: get, count: get, object: get, filled: (name: string) => get(name)?.length > 0 }
    expect(glance.read(top)).toEqual({ model: 'm', stream: true, maxOutput: 9, tools: true, jsonSchema: true, user: 's' })
    expect([glance.content, glance.attachments['image_url']?.(''), glance.attachments['file_data']?.('')]).toEqual([
      'input',
      'vision',
      'files',
    ])
  })
})

describe('a chat request to a provider of the Responses API', () => {
  it('stores nothing unless it asks to', () => {
    expect([sent({}), sent({ store: true })].map(({ store }) => store)).toEqual([false, true])
  })

  it('is instructed by what the system says first', () => {
    const later = { role: 'developer', content: 'Two.' }
    expect(sent({ messages: [{ role: 'system', content: 'One.' }, HELLO, later] })).toMatchObject({
      instructions: 'One.',
      input: [HELLO, later],
    })
    expect(sent({ messages: [{ role: 'system', content: 'One.' }] })).toMatchObject({ input: [{ role: 'system', content: 'One.' }] })
  })

  it.for([
    [{ reasoning_effort: 'low' }, { effort: 'low' }],
    [{ reasoning_effort: 'none' }, { effort: 'none' }],
    [{ reasoning: { effort: 'high' } }, { effort: 'high', summary: 'auto' }],
    [{ reasoning: { effort: 'high', exclude: true } }, { effort: 'high' }],
    [{ thinking: { type: 'enabled', budget_tokens: 9000 } }, { effort: 'high', summary: 'auto' }],
    [{ thinking: { type: 'disabled' } }, { effort: 'none' }],
    [
      { reasoning_summary: 'concise', reasoning_mode: 'pro' },
      { summary: 'concise', mode: 'pro' },
    ],
    [{}, undefined],
  ] as const)('thinks as asked: %j', ([chat, expected]) => {
    expect(sent(chat).reasoning).toEqual(expected)
  })

  it('is told how to answer', () => {
    const response_format = { type: 'json_schema', json_schema: { name: 'wind', schema: SCHEMA } }
    expect(sent({ response_format, verbosity: 'low', logprobs: true, top_logprobs: 2, max_tokens: 9 }, { stream: true })).toMatchObject({
      text: { format: { type: 'json_schema', name: 'wind', schema: SCHEMA }, verbosity: 'low' },
      include: ['message.output_text.logprobs'],
      top_logprobs: 2,
      max_output_tokens: 9,
      stream: true,
    })
  })

  it('has functions as they were declared, and a search', () => {
    const tools = [{ type: 'function', function: { name: 'look' } }, { type: 'x_search' }]
    const user_location = { type: 'approximate', approximate: { city: 'Veere' } }
    expect(sent({ tools, web_search_options: { search_context_size: 'low', user_location } }).tools).toEqual([
      { type: 'function', name: 'look', parameters: null, strict: false },
      { type: 'x_search' },
      { type: 'web_search', search_context_size: 'low', user_location: { type: 'approximate', city: 'Veere' } },
    ])
    expect(sent({ tool_choice: 'required', tools: [] }).tool_choice).toBeUndefined()
  })

  it('says calls, results, pictures and files', () => {
    const tool_calls = [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{"a":1}' } }]
    const image_url = { url: 'data:image/png;base64,AAAA', detail: 'high' }
    const seen = [
      { type: 'text', text: 'seen' },
      { type: 'image_url', image_url },
    ]
    const file = { filename: 'log.pdf', file_data: 'data:application/pdf;base64,BBBB' }
    const messages = [
      { role: 'assistant', content: 'Let me look.', refusal: 'Not there.', tool_calls },
      { role: 'tool', tool_call_id: 'c1', content: seen },
      {
        role: 'user',
        content: [
          { type: 'file', file },
          { type: 'file', file: { file_data: 'https://files.example/a.pdf' } },
          { type: 'file', file: { file_id: 'f1' } },
        ],
      },
    ]
    expect(sent({ messages }).input).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'output_text', text: 'Let me look.' },
          { type: 'refusal', refusal: 'Not there.' },
        ],
      },
      { type: 'function_call', call_id: 'c1', name: 'look', arguments: '{"a":1}' },
      {
        type: 'function_call_output',
        call_id: 'c1',
        output: [
          { type: 'input_text', text: 'seen' },
          { type: 'input_image', image_url: image_url.url, detail: 'high' },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'input_file', ...file },
          { type: 'input_file', file_url: 'https://files.example/a.pdf' },
          { type: 'input_file', file_id: 'f1' },
        ],
      },
    ])
  })

  it.for([
    ['messages.0', { messages: [{ role: 'function', name: 'x', content: 'x' }] }],
    ['messages.0.tool_call_id', { messages: [{ role: 'tool', content: 'x' }] }],
    [
      'messages.0.content.0',
      { messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'A', format: 'wav' } }] }] },
    ],
    [
      'messages.0.content.0',
      { messages: [{ role: 'assistant', content: [{ type: 'image_url', image_url: { url: 'https://x.example' } }] }] },
    ],
    ['tools.0.type', { tools: [{ type: 'custom', custom: { name: 'x' } }] }],
  ] as const)('refuses %s by name', ([param, chat]) => {
    expect(refusalOf(() => sent(chat))).toEqual({ code: 'invalid_value', status: 400, param })
  })
})

it('an answer repeats what was asked', () => {
  const body = {
    ...{ instructions: 'Be brief.', max_output_tokens: 9, metadata: { a: 'b' }, temperature: 0.5, tools: [{ ...LOOK, strict: true }] },
    ...{ reasoning: { effort: 'low' }, text: { verbosity: 'low' }, include: ['reasoning.encrypted_content'], tool_choice: 'required' },
  }
  const request = openaiResponses.decodeRequest({ model: 'm', input: 'hello', ...body })
  const chat = { id: 'c1', object: 'chat.completion', created: 7, model: 'wire', choices: [], service_tier: 'flex' } as const
  expect(plain(openaiResponses.encodeResponse({ ...chat, choices: [] }, request))).toEqual({
    ...{
      id: 'resp_c1',
      object: 'response',
      created_at: 7,
      model: 'wire',
      status: 'incomplete',
      output: [],
      error: null,
      incomplete_details: null,
    },
    ...{ background: false, parallel_tool_calls: true, previous_response_id: null, store: false, top_p: null, truncation: 'disabled' },
    ...{
      instructions: 'Be brief.',
      max_output_tokens: 9,
      metadata: { a: 'b' },
      temperature: 0.5,
      tools: body.tools,
      tool_choice: 'required',
    },
    ...{ reasoning: { effort: 'low', summary: null }, text: { format: { type: 'text' }, verbosity: 'low' }, service_tier: 'flex' },
  })
})

function freeText(description?: string): object {
  const input = description === undefined ? { type: 'string' } : { type: 'string', description }
  return { type: 'object', properties: { input }, required: ['input'], additionalProperties: false }
}

function refusalOf(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error instanceof GatewayError ? { code: error.code, status: error.status, param: error.details.param } : error
  }
}
