import * as messages from '../contract/dialects/anthropic-words.ts'
import * as cohere from '../contract/dialects/cohere-words.ts'
import * as completions from '../contract/dialects/completions-words.ts'
import * as gemini from '../contract/dialects/gemini-words.ts'
import * as chat from '../contract/dialects/openai-words.ts'
import * as responses from '../contract/dialects/responses-words.ts'
import type { Any, Words } from '../contract/dialects/words.ts'

// What apps of each protocol send, and how they read what comes back, without the code under test.

export interface Protocol {
  readonly name: string
  /** The dialect a provider would need for the bytes to pass. */
  readonly dialect: string
  path(model: string, stream: boolean): string
  /** One question; more fields of the protocol's own are laid over it. */
  ask(model: string, stream: boolean): object
  /** The same with a tool; undefined where the protocol has none. */
  readonly tools: object | undefined
  /** The turns after a call, in place of the question: the call and its result. */
  readonly result: object | undefined
  readonly words: { wordsOfAnswer(body: Any): Words; wordsOfStream(payloads: Any[]): Words }
  /** The message and code of a failure in this protocol's own shape. */
  failure(body: Any): { message: unknown; code: unknown }
  /** The `event:` line of the frame that tells of a failure in a stream. */
  readonly failureEvent: string | undefined
  /** Whether a whole stream ends with `[DONE]`. */
  readonly done: boolean
}

export const RESULT = 'It is blue.'
const SCHEMA = { type: 'object', properties: { at: { type: 'string' } } }
const ARGS = '{"at":"the sky"}'
const QUESTION = 'What do you see?'

const openaiFailure = ({ error }: Any) => ({ message: error.message, code: error.code })
const chatTool = { type: 'function', function: { name: 'look', description: 'Looks.', parameters: SCHEMA } }

export const protocols: readonly Protocol[] = [
  {
    name: 'chat',
    dialect: 'openai-chat',
    path: () => '/v1/chat/completions',
    ask: (model, stream) => ({
      ...{ model, max_tokens: 100, messages: [{ role: 'user', content: QUESTION }] },
      ...(stream && { stream, stream_options: { include_usage: true } }),
    }),
    tools: { tools: [chatTool] },
    result: {
      messages: [
        { role: 'user', content: QUESTION },
        { role: 'assistant', content: null, tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'look', arguments: ARGS } }] },
        { role: 'tool', tool_call_id: 'call_1', content: RESULT },
      ],
    },
    words: chat,
    failure: openaiFailure,
    failureEvent: undefined,
    done: true,
  },
  {
    name: 'messages',
    dialect: 'anthropic-messages',
    path: () => '/v1/messages',
    ask: (model, stream) => ({ model, max_tokens: 100, messages: [{ role: 'user', content: QUESTION }], ...(stream && { stream }) }),
    tools: { tools: [{ name: 'look', description: 'Looks.', input_schema: SCHEMA }] },
    result: {
      messages: [
        { role: 'user', content: QUESTION },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'look', input: JSON.parse(ARGS) }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', content: RESULT }] },
      ],
    },
    words: messages,
    failure: ({ type, error }) => ({ message: type === 'error' && error.message, code: error.details?.error_code }),
    failureEvent: 'error',
    done: false,
  },
  {
    name: 'responses',
    dialect: 'openai-responses',
    path: () => '/v1/responses',
    ask: (model, stream) => ({ model, max_output_tokens: 100, input: QUESTION, store: false, ...(stream && { stream }) }),
    tools: { tools: [{ type: 'function', name: 'look', description: 'Looks.', parameters: SCHEMA, strict: false }] },
    result: {
      input: [
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: QUESTION }] },
        { type: 'function_call', call_id: 'call_1', name: 'look', arguments: ARGS },
        { type: 'function_call_output', call_id: 'call_1', output: RESULT },
      ],
    },
    words: responses,
    failure: openaiFailure,
    failureEvent: 'response.failed',
    done: false,
  },
  {
    name: 'completions',
    dialect: 'openai-completions',
    path: () => '/v1/completions',
    ask: (model, stream) => ({
      ...{ model, max_tokens: 100, prompt: QUESTION },
      ...(stream && { stream, stream_options: { include_usage: true } }),
    }),
    tools: undefined,
    result: undefined,
    words: completions,
    failure: openaiFailure,
    failureEvent: undefined,
    done: true,
  },
  {
    name: 'generateContent',
    dialect: 'gemini',
    path: (model, stream) => `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    ask: () => ({ contents: [{ role: 'user', parts: [{ text: QUESTION }] }], generationConfig: { maxOutputTokens: 100 } }),
    tools: { tools: [{ functionDeclarations: [{ name: 'look', description: 'Looks.', parameters: SCHEMA }] }] },
    result: {
      contents: [
        { role: 'user', parts: [{ text: QUESTION }] },
        { role: 'model', parts: [{ functionCall: { name: 'look', args: JSON.parse(ARGS) } }] },
        { role: 'user', parts: [{ functionResponse: { name: 'look', response: { output: RESULT } } }] },
      ],
    },
    words: gemini,
    failure: ({ error }) => ({ message: error.message, code: error.details?.[0]?.reason }),
    failureEvent: undefined,
    done: false,
  },
  {
    name: 'Cohere',
    dialect: 'cohere-chat',
    path: () => '/v2/chat',
    ask: (model, stream) => ({ model, max_tokens: 100, messages: [{ role: 'user', content: QUESTION }], stream }),
    tools: { tools: [chatTool] },
    result: {
      messages: [
        { role: 'user', content: QUESTION },
        { role: 'assistant', tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'look', arguments: ARGS } }] },
        { role: 'tool', tool_call_id: 'call_1', content: RESULT },
      ],
    },
    words: cohere,
    failure: ({ message, error_type, delta = { error: message, error_type } }) => ({ message: delta.error, code: delta.error_type }),
    failureEvent: 'message-end',
    done: true,
  },
]
