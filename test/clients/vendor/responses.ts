import { type Content, frames, pieces, type Say, SIGNATURE, THOUGHT, textOf, USAGE, type Wire } from './script.ts'

interface Item {
  readonly type?: string
  readonly content?: Content
  readonly call_id?: string
  readonly name?: string
  readonly arguments?: string
  readonly output?: Content
}

interface Body {
  readonly stream?: boolean
  readonly input: string | readonly Item[]
  readonly tools?: readonly { readonly type: string; readonly name?: string }[]
  readonly text?: { readonly format?: { readonly type: string } }
}

/** https://platform.openai.com/docs/api-reference/responses */
export const responses: Wire = {
  read(body) {
    const { stream = false, input, tools = [], text }: Body = JSON.parse(body)
    const items = typeof input === 'string' ? [{ content: input }] : input
    return {
      stream,
      prompt: items.map(({ content }) => textOf(content)).join('\n'),
      tools: tools.flatMap(({ type, name }) => (type === 'function' && name !== undefined ? [name] : [])),
      structured: text?.format?.type === 'json_schema',
      calls: items
        .filter(({ type }) => type === 'function_call')
        .map((item) => ({ id: item.call_id ?? '', name: item.name ?? '', arguments: item.arguments ?? '' })),
      results: items
        .filter(({ type }) => type === 'function_call_output')
        .map(({ call_id = '', output }) => ({ call: call_id, text: textOf(output) })),
    }
  },
  whole: (say) => envelope('completed', items(say)),
  stream: (say) => frames(events(say).map((event, sequence_number) => ({ ...event, sequence_number }))),
  refusal: (message) => ({ error: { message, type: 'invalid_request_error', param: null, code: null } }),
}

function envelope(status: string, output: readonly object[]): object {
  const usage = {
    input_tokens: USAGE.input,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: USAGE.output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: USAGE.input + USAGE.output,
  }
  const fixed = { parallel_tool_calls: true, tool_choice: 'auto', tools: [], metadata: {}, error: null, incomplete_details: null }
  const head = { id: 'resp_mill', object: 'response', created_at: 1_790_000_000, model: 'mill-1' }
  return { ...head, ...fixed, status, output, usage: status === 'completed' ? usage : null }
}

function items(say: Say): Done[] {
  if ('text' in say) return [{ ...ITEM, type: 'message', role: 'assistant', content: [part(say.text)] }]
  const { id, ...call } = say.call
  const done = { ...ITEM, type: 'function_call', call_id: id, ...call }
  return say.signed ? [THINKING, done] : [done]
}

interface Done {
  readonly id: string
  readonly type: string
  readonly [field: string]: unknown
}

const ITEM = { id: 'item_mill', status: 'completed' }
const THINKING = {
  id: 'rs_mill',
  type: 'reasoning',
  summary: [{ type: 'summary_text', text: THOUGHT }],
  encrypted_content: SIGNATURE,
}

const part = (text: string) => ({ type: 'output_text', text, annotations: [], logprobs: [] })

function events(say: Say): { type: string }[] {
  const done = items(say)
  return [
    { type: 'response.created', ...{ response: envelope('in_progress', []) } },
    { type: 'response.in_progress', ...{ response: envelope('in_progress', []) } },
    ...done.flatMap((item, output_index) => [
      { type: 'response.output_item.added', ...{ output_index, item: begun(item) } },
      ...written(say, item).map((event) => ({ ...event, output_index, item_id: item.id })),
      { type: 'response.output_item.done', ...{ output_index, item } },
    ]),
    { type: 'response.completed', ...{ response: envelope('completed', done) } },
  ]
}

function begun(item: Done): object {
  const empty = { message: { content: [] }, function_call: { arguments: '' }, reasoning: { summary: [] } }[item.type]
  return { ...item, ...(item.type === 'reasoning' ? {} : { status: 'in_progress' }), ...empty }
}

function written(say: Say, { type }: Done): { type: string }[] {
  if ('text' in say) return spoken(say.text)
  return type === 'reasoning' ? thought(THOUGHT) : called(say.call.arguments)
}

function spoken(text: string): { type: string }[] {
  const at = { content_index: 0 }
  return [
    { type: 'response.content_part.added', ...at, ...{ part: part('') } },
    ...pieces(text).map((delta) => ({ type: 'response.output_text.delta', ...at, delta, logprobs: [] })),
    { type: 'response.output_text.done', ...at, ...{ text, logprobs: [] } },
    { type: 'response.content_part.done', ...at, ...{ part: part(text) } },
  ]
}

function thought(text: string): { type: string }[] {
  const at = { summary_index: 0 }
  const part = (text: string) => ({ part: { type: 'summary_text', text } })
  return [
    { type: 'response.reasoning_summary_part.added', ...at, ...part('') },
    ...pieces(text).map((delta) => ({ type: 'response.reasoning_summary_text.delta', ...at, delta })),
    { type: 'response.reasoning_summary_text.done', ...at, ...{ text } },
    { type: 'response.reasoning_summary_part.done', ...at, ...part(text) },
  ]
}

const called = (text: string): { type: string }[] => [
  ...pieces(text).map((delta) => ({ type: 'response.function_call_arguments.delta', delta })),
  { type: 'response.function_call_arguments.done', ...{ arguments: text } },
]
