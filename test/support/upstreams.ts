// What providers of each dialect answer, written by hand: the same words and calls in each wire format.

export interface UpstreamWords {
  /** The dialect by the name an operator gives it. */
  readonly dialect: 'openai-chat' | 'anthropic-messages' | 'openai-responses' | 'gemini' | 'cohere-chat' | 'ollama-chat'
  readonly text: object
  readonly call: object
  /** Frames with their `event:` lines where the format has them. */
  readonly textStream: readonly string[]
  readonly callStream: readonly string[]
  /** What tells of a failure inside a stream. */
  readonly failure: string
  /** An error of status 400. */
  readonly refused: object
  /** The text of the tool result as this dialect's request says it. */
  resultsIn(body: never): unknown[]
}

export const TEXT = 'Hello from afar'
export const CALL = { name: 'look', args: { at: 'the sky' } }
export const USAGE = { input: 11, output: 5 }

const ARGS = JSON.stringify(CALL.args)
const BAD = 'That cannot be done.'
const BUSY = 'Too much to do.'

const frame = (payload: object): string => `data: ${JSON.stringify(payload)}\n\n`
const named = (payload: { readonly type: string; readonly [field: string]: unknown }): string => `event: ${payload.type}\n${frame(payload)}`

const chatUsage = { prompt_tokens: 11, completion_tokens: 5, total_tokens: 16 }
const chat = (message: object, finish_reason: string) => ({
  ...{ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'm' },
  ...{ choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason }], usage: chatUsage },
})
const chunk = (delta: object, finish_reason: string | null = null) =>
  frame({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason }] })
const chatEnd = [
  frame({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage: chatUsage }),
  'data: [DONE]\n\n',
]

const messageUsage = { input_tokens: 11, output_tokens: 5 }
const message = (content: readonly object[], stop_reason: string) => ({
  ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content },
  ...{ stop_reason, stop_sequence: null, usage: messageUsage },
})
const messageStream = (block: object, deltas: readonly object[], stop_reason: string) => [
  named({ type: 'message_start', message: { ...message([], ''), stop_reason: null, usage: { input_tokens: 11, output_tokens: 1 } } } as {
    type: string
  }),
  named({ type: 'content_block_start', index: 0, content_block: block }),
  ...deltas.map((delta) => named({ type: 'content_block_delta', index: 0, delta })),
  named({ type: 'content_block_stop', index: 0 }),
  named({ type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 5 } }),
  named({ type: 'message_stop' }),
]

const responseUsage = { input_tokens: 11, output_tokens: 5, total_tokens: 16 }
const response = (output: readonly object[], status = 'completed') => ({
  ...{ id: 'resp_1', object: 'response', created_at: 1, model: 'm', status, output },
  ...(status === 'completed' && { usage: responseUsage }),
})
const said = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text: TEXT, annotations: [] }],
}
const called = { id: 'fc_1', type: 'function_call', status: 'completed', call_id: 'call_1', name: CALL.name, arguments: ARGS }
const responseStream = (item: { id: string }, middle: readonly { readonly type: string }[]) => {
  const empty = { ...item, status: 'in_progress', ...('content' in item && { content: [] }), ...('arguments' in item && { arguments: '' }) }
  return [
    { type: 'response.created', response: response([], 'in_progress') },
    { type: 'response.output_item.added', output_index: 0, item: empty },
    ...middle.map((event) => ({ ...event, item_id: item.id, output_index: 0 })),
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: response([item]) },
  ].map((event, sequence_number) => named(Object.assign(event, { sequence_number })))
}

const usageMetadata = { promptTokenCount: 11, candidatesTokenCount: 5, totalTokenCount: 16 }
const candidate = (part: object, finishReason?: string) => ({
  candidates: [{ index: 0, content: { role: 'model', parts: [part] }, ...(finishReason && { finishReason }) }],
  ...(finishReason && { usageMetadata }),
  ...{ modelVersion: 'm', responseId: 'r-1' },
})

const cohereUsage = { billed_units: { input_tokens: 7, output_tokens: 5 }, tokens: { input_tokens: 11, output_tokens: 5 } }
const cohere = (message: object, finish_reason: string) => ({
  ...{ id: 'c-1', message: { role: 'assistant', ...message }, finish_reason },
  usage: cohereUsage,
})
const cohereStream = (kind: 'content' | 'tool_calls', [begun, ...deltas]: readonly object[], finish_reason: string) => {
  const type = kind === 'content' ? 'content' : 'tool-call'
  return [
    named({ type: 'message-start', id: 'c-1', delta: { message: { role: 'assistant', content: [] } } }),
    named({ type: `${type}-start`, index: 0, delta: { message: { [kind]: begun } } }),
    ...deltas.map((delta) => named({ type: `${type}-delta`, index: 0, delta: { message: { [kind]: delta } } })),
    named({ type: `${type}-end`, index: 0 }),
    named({ type: 'message-end', delta: { finish_reason, usage: cohereUsage } }),
    'data: [DONE]\n\n',
  ]
}

const line = (message: object, done_reason?: string): string =>
  `${JSON.stringify({
    ...{ model: 'm', created_at: '1970-01-01T00:00:01Z', message: { role: 'assistant', content: '', ...message } },
    ...(done_reason === undefined ? { done: false } : { done: true, done_reason, prompt_eval_count: 11, eval_count: 5 }),
  })}\n`

const toolCall = { index: 0, id: 'call_1', type: 'function', function: { name: CALL.name, arguments: '' } }
const [half, rest] = [ARGS.slice(0, 5), ARGS.slice(5)]

// biome-ignore lint/suspicious/noExplicitAny: reads what the gateway sent, without the types of the code under test
type Any = any

export const upstreams: readonly UpstreamWords[] = [
  {
    dialect: 'openai-chat',
    text: chat({ content: TEXT }, 'stop'),
    call: chat(
      { content: null, tool_calls: [{ id: 'call_1', type: 'function', function: { name: CALL.name, arguments: ARGS } }] },
      'tool_calls',
    ),
    textStream: [chunk({ role: 'assistant', content: 'Hello ' }), chunk({ content: 'from afar' }), chunk({}, 'stop'), ...chatEnd],
    callStream: [
      chunk({ role: 'assistant', tool_calls: [toolCall] }),
      ...[half, rest].map((piece) => chunk({ tool_calls: [{ index: 0, function: { arguments: piece } }] })),
      ...[chunk({}, 'tool_calls'), ...chatEnd],
    ],
    failure: frame({ error: { message: BUSY, type: 'server_error', code: 'overloaded', param: null } }),
    refused: { error: { message: BAD, type: 'invalid_request_error', code: 'odd', param: null } },
    resultsIn: (body: Any) => body.messages.filter(({ role }: Any) => role === 'tool').map(({ content }: Any) => content),
  },
  {
    dialect: 'anthropic-messages',
    text: message([{ type: 'text', text: TEXT }], 'end_turn'),
    call: message([{ type: 'tool_use', id: 'call_1', name: CALL.name, input: CALL.args }], 'tool_use'),
    textStream: messageStream(
      { type: 'text', text: '' },
      ['Hello ', 'from afar'].map((text) => ({ type: 'text_delta', text })),
      'end_turn',
    ),
    callStream: messageStream(
      { type: 'tool_use', id: 'call_1', name: CALL.name, input: {} },
      [half, rest].map((partial_json) => ({ type: 'input_json_delta', partial_json })),
      'tool_use',
    ),
    failure: named({ type: 'error', error: { type: 'overloaded_error', message: BUSY } }),
    refused: { type: 'error', error: { type: 'invalid_request_error', message: BAD }, request_id: 'req_1' },
    resultsIn: (body: Any) =>
      body.messages
        .flatMap(({ content }: Any) => (Array.isArray(content) ? content : []))
        .filter(({ type }: Any) => type === 'tool_result')
        .map(({ content }: Any) => (typeof content === 'string' ? content : content[0].text)),
  },
  {
    dialect: 'openai-responses',
    text: response([said]),
    call: response([called]),
    textStream: responseStream(
      said,
      ['Hello ', 'from afar'].map((delta) => ({ type: 'response.output_text.delta', content_index: 0, delta })),
    ),
    callStream: responseStream(
      called,
      [half, rest].map((delta) => ({ type: 'response.function_call_arguments.delta', delta })),
    ),
    failure: named({
      type: 'response.failed',
      response: { ...response([], 'failed'), error: { code: 'server_error', message: BUSY } },
    }),
    refused: { error: { message: BAD, type: 'invalid_request_error', code: 'odd', param: null } },
    resultsIn: (body: Any) =>
      body.input.filter(({ type }: Any) => type === 'function_call_output').map(({ output }: Any) => output?.[0]?.text ?? output),
  },
  {
    dialect: 'gemini',
    text: candidate({ text: TEXT }, 'STOP'),
    call: candidate({ functionCall: { name: CALL.name, args: CALL.args } }, 'STOP'),
    textStream: [frame(candidate({ text: 'Hello ' })), frame(candidate({ text: 'from afar' }, 'STOP'))],
    callStream: [frame(candidate({ functionCall: { name: CALL.name, args: CALL.args } }, 'STOP'))],
    failure: frame({ error: { code: 503, message: BUSY, status: 'UNAVAILABLE' } }),
    refused: { error: { code: 400, message: BAD, status: 'INVALID_ARGUMENT' } },
    resultsIn: (body: Any) =>
      body.contents
        .flatMap(({ parts }: Any) => parts)
        .flatMap(({ functionResponse }: Any) => functionResponse ?? [])
        .map(({ response }: Any) => response.output ?? response.result ?? response),
  },
  {
    dialect: 'cohere-chat',
    text: cohere({ content: [{ type: 'text', text: TEXT }] }, 'COMPLETE'),
    call: cohere({ tool_calls: [{ id: 'call_1', type: 'function', function: { name: CALL.name, arguments: ARGS } }] }, 'TOOL_CALL'),
    textStream: cohereStream('content', [{ type: 'text', text: '' }, { text: 'Hello ' }, { text: 'from afar' }], 'COMPLETE'),
    callStream: cohereStream(
      'tool_calls',
      [
        { id: 'call_1', type: 'function', function: { name: CALL.name, arguments: '' } },
        ...[half, rest].map((piece) => ({ function: { arguments: piece } })),
      ],
      'TOOL_CALL',
    ),
    failure: named({ type: 'message-end', delta: { finish_reason: 'ERROR', error: BUSY } }),
    refused: { id: 'c-1', message: BAD },
    resultsIn: (body: Any) => body.messages.filter(({ role }: Any) => role === 'tool').map(({ content }: Any) => content),
  },
  {
    dialect: 'ollama-chat',
    text: JSON.parse(line({ content: TEXT }, 'stop')),
    call: JSON.parse(line({ tool_calls: [{ function: { name: CALL.name, arguments: CALL.args } }] }, 'stop')),
    textStream: [line({ content: 'Hello ' }), line({ content: 'from afar' }), line({}, 'stop')],
    callStream: [line({ tool_calls: [{ function: { index: 0, name: CALL.name, arguments: CALL.args } }] }), line({}, 'stop')],
    failure: `${JSON.stringify({ error: BUSY })}\n`,
    refused: { error: BAD },
    resultsIn: (body: Any) => body.messages.filter(({ role }: Any) => role === 'tool').map(({ content }: Any) => content),
  },
]
