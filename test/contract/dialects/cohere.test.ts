import { describe, expect, it } from 'vitest'
import { cohereChat } from '../../../providers/cohere/chat.ts'
import { cohereEmbeddings, cohereEmbeddings1 } from '../../../providers/cohere/embeddings.ts'
import type { ChatRequest } from '../../../src/contract/chat.ts'
import type { ErrorView } from '../../../src/contract/dialect.ts'
import { paramsDropped, paramsRefused } from '../../../src/contract/params.ts'
import { anthropicMessages } from '../../../src/dialects/anthropic-messages.ts'
import { openaiEmbeddings } from '../../../src/dialects/openai-embeddings.ts'
import { GatewayError } from '../../../src/errors.ts'
import { decoding } from './recordings.ts'
import type { Any } from './words.ts'

const HELLO = { role: 'user', content: 'Hello' } as const
const tool = (name: string, rest: object = {}) => ({ type: 'function', function: { name, parameters: { type: 'object' }, ...rest } })

function sent(chat: object): Any {
  const request = { model: 'm', messages: [HELLO], ...chat } as ChatRequest
  return JSON.parse(JSON.stringify(cohereChat.encodeRequest(request, { stream: false, quirks: {} })))
}

const asked = (body: object): Any => cohereChat.decodeRequest({ model: 'm', messages: [HELLO], ...body })

function failure(run: () => unknown): Any {
  try {
    return run()
  } catch (error) {
    return error instanceof GatewayError
      ? { code: error.code, message: error.message, param: error.details.param, type: error.details.type }
      : error
  }
}

describe('a request to Cohere', () => {
  it.for([
    ['auto', undefined, ['look', 'hear']],
    ['none', 'NONE', ['look', 'hear']],
    ['required', 'REQUIRED', ['look', 'hear']],
    [{ type: 'function', function: { name: 'hear' } }, 'REQUIRED', ['hear']],
    [{ type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [tool('look')] } }, undefined, ['look']],
  ] as const)('chooses tools: %j', ([tool_choice, choice, names]) => {
    const { tools, tool_choice: chosen } = sent({ tools: [tool('look'), tool('hear')], tool_choice })
    expect([chosen, tools.map((one: Any) => one.function.name)]).toEqual([choice, names])
  })

  it('tells words before a call as its plan, thoughts as content, results by id', () => {
    const call = { id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' } }
    const messages = [
      HELLO,
      { role: 'assistant', content: 'I look.', reasoning_content: 'Hm.', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c1', content: 'Blue.' },
    ]
    expect(sent({ messages }).messages.slice(1)).toEqual([
      { role: 'assistant', content: [{ type: 'thinking', thinking: 'Hm.' }], tool_plan: 'I look.', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c1', content: 'Blue.' },
    ])
  })

  it('says limits, sampling, schemas and budgets in its own words', () => {
    const schema = { type: 'object' }
    const chat = {
      ...{ max_completion_tokens: 9, stop: 'END', top_p: 0.9, top_k: 40, reasoning_effort: 'medium' },
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema } },
      tools: [tool('look', { strict: true })],
    }
    expect(sent(chat)).toMatchObject({
      ...{ max_tokens: 9, stop_sequences: ['END'], p: 0.9, k: 40, thinking: { type: 'enabled', token_budget: 8192 } },
      ...{ response_format: { type: 'json_object', json_schema: schema }, strict_tools: true, stream: false },
    })
    expect(sent({ reasoning_effort: 'none' }).thinking).toEqual({ type: 'disabled' })
  })

  it('is refused where a message holds what it cannot read', () => {
    const content = [{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }]
    expect(failure(() => sent({ messages: [{ role: 'user', content }] }))).toMatchObject({
      code: 'invalid_value',
      param: 'messages.0.content.0',
    })
  })
})

describe('an answer of Cohere', () => {
  it('keeps citations and log probabilities', () => {
    const citations = [{ start: 0, end: 2, text: 'It', sources: [] }]
    const body = {
      message: { role: 'assistant', content: [{ type: 'text', text: 'It is.' }], citations },
      ...{ finish_reason: 'COMPLETE', logprobs: [{ text: 'It is.', token_ids: [1, 2], logprobs: [-0.5, -0.25] }] },
    }
    const [choice] = cohereChat.decodeResponse(body, decoding()).choices
    expect(choice).toMatchObject({ message: { citations }, logprobs: { content: [{ token: 'It is.', logprob: -0.75 }] } })
  })

  it.for([
    [{ finish_reason: 'ERROR', error: 'Odd tools.', error_type: 'INVALID_TOOL_GENERATION' }, 'Odd tools.', 'INVALID_TOOL_GENERATION'],
    [{ finish_reason: 'TIMEOUT' }, expect.stringMatching(/ran out of time/), 'TIMEOUT'],
  ] as const)('that broke off is a failure, whole or streamed: %j', ([ended, message, type]) => {
    const whole = { message: { role: 'assistant', content: [] }, ...ended }
    const expected = { code: 'upstream_error', message, type }
    expect(failure(() => cohereChat.decodeResponse(whole, decoding()))).toMatchObject(expected)
    const data = JSON.stringify({ type: 'message-end', delta: ended })
    expect(failure(() => cohereChat.decodeStream(decoding()).push({ event: 'message-end', data }))).toMatchObject(expected)
  })
})

describe('a client of Cohere', () => {
  it('is understood', () => {
    const schema = { type: 'object' }
    const body = {
      ...{ p: 0.9, k: 40, max_tokens: 9, stop_sequences: ['END'], strict_tools: true, tools: [tool('look')], tool_choice: 'REQUIRED' },
      ...{ response_format: { type: 'json_object', schema }, thinking: { type: 'enabled', token_budget: 2000 }, seed: null },
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'See.' },
            { type: 'image_url', image_url: { url: 'https://p.example/a.png', detail: 'low' } },
          ],
        },
        {
          role: 'assistant',
          tool_plan: 'I look.',
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: [{ type: 'document', document: { id: 'd1', data: { sky: 'blue' } } }] },
      ],
    }
    expect(asked(body)).toEqual({
      ...{ model: 'm', top_p: 0.9, top_k: 40, max_tokens: 9, stop: ['END'], tool_choice: 'required' },
      tools: [tool('look', { strict: true })],
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } },
      thinking: { type: 'enabled', budget_tokens: 2000 },
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'See.' },
            { type: 'image_url', image_url: { url: 'https://p.example/a.png', detail: 'low' } },
          ],
        },
        {
          role: 'assistant',
          content: 'I look.',
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: [{ type: 'text', text: '{"id":"d1","data":{"sky":"blue"}}' }] },
      ],
    })
  })

  it('is told what elsewhere cannot be said', () => {
    const chat = asked({ documents: ['d'], safety_mode: 'STRICT', citation_options: { mode: 'off' } })
    expect(paramsRefused(chat, anthropicMessages)).toEqual(['documents'])
    expect(paramsDropped(chat, anthropicMessages).sort()).toEqual(['citation_options', 'safety_mode'])
    expect(sent(chat)).toMatchObject({ documents: ['d'], safety_mode: 'STRICT', citation_options: { mode: 'off' } })
  })

  it.for([
    ['messages', { messages: 7 }],
    ['messages.0.content.0.type', { messages: [{ role: 'user', content: [{ type: 'song' }] }] }],
    ['tool_choice', { tool_choice: 'auto' }],
    ['thinking.token_budget', { thinking: { type: 'enabled', token_budget: 'much' } }],
  ] as const)('is refused where %s is wrong', ([param, body]) => {
    expect(failure(() => asked(body))).toMatchObject({ code: 'invalid_value', param })
  })

  it("reads failures in Cohere's shape, whole or in a stream", () => {
    const view: ErrorView = {
      status: 429,
      code: 'rate_limit_exceeded',
      type: 't',
      message: 'Slow down.',
      requestId: 'r',
      metadata: { plan: 'free' },
    }
    expect(cohereChat.encodeError(view)).toEqual({
      id: 'r',
      message: 'Slow down.',
      error_type: 'rate_limit_exceeded',
      metadata: { plan: 'free' },
    })
    expect(JSON.parse(cohereChat.encodeStreamError(view).data).delta).toEqual({
      ...{ finish_reason: 'ERROR', error: 'Slow down.', error_type: 'rate_limit_exceeded' },
    })
  })
})

describe('embeddings asked for as Cohere has them', () => {
  const texts = { model: 'm', texts: ['a', 'b'], input_type: 'search_query', truncate: 'END' }

  it('are asked for in common words, with what is lost named', () => {
    const request = cohereEmbeddings.decodeRequest(texts)
    expect(request).toMatchObject({ input: ['a', 'b'], input_type: 'query', encoding_format: 'float' })
    expect(paramsDropped(request, openaiEmbeddings).sort()).toEqual(['input_type', 'truncate'])
  })

  it('are numbers or base64, and nothing that elsewhere does not exist', () => {
    expect(failure(() => cohereEmbeddings.decodeRequest({ ...texts, embedding_types: ['int8'] }))).toMatchObject({
      param: 'embedding_types',
    })
    const response = { object: 'list' as const, data: [{ object: 'embedding' as const, index: 0, embedding: [0.5, -1] }], model: 'm' }
    const answered = (types: string[] | undefined, dialect: typeof cohereEmbeddings | typeof cohereEmbeddings1) =>
      (dialect.encodeResponse(response, dialect.decodeRequest({ ...texts, embedding_types: types })) as Any).embeddings
    expect(answered(['base64'], cohereEmbeddings)).toEqual({ base64: ['AAAAPwAAgL8='] })
    expect(answered(undefined, cohereEmbeddings)).toEqual({ float: [[0.5, -1]] })
    expect(answered(undefined, cohereEmbeddings1)).toEqual([[0.5, -1]])
    expect(answered(['float'], cohereEmbeddings1)).toEqual({ float: [[0.5, -1]] })
  })
})
