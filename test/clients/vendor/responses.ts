import { type Content, frames, pieces, type Say, textOf, USAGE, type Wire } from './script.ts'

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
  whole: (say) => envelope('completed', [item(say)]),
  stream: (say) => frames(events(say).map((event, sequence_number) => ({ ...event, sequence_number }))),
  refusal: (message) => ({ error: { message, type: 'invalid_request_error', param: null, code: null } }),
}

const PLACE = { output_index: 0, item_id: 'item_mill' }

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

function item(say: Say): object {
  const head = { id: 'item_mill', status: 'completed' }
  if ('text' in say) return { ...head, type: 'message', role: 'assistant', content: [part(say.text)] }
  const { id, ...call } = say.call
  return { ...head, type: 'function_call', call_id: id, ...call }
}

const part = (text: string) => ({ type: 'output_text', text, annotations: [], logprobs: [] })

function events(say: Say): { type: string }[] {
  const done = item(say)
  const begun = { ...done, status: 'in_progress', ...('text' in say ? { content: [] } : { arguments: '' }) }
  return [
    { type: 'response.created', ...{ response: envelope('in_progress', []) } },
    { type: 'response.in_progress', ...{ response: envelope('in_progress', []) } },
    { type: 'response.output_item.added', ...PLACE, ...{ item: begun } },
    ...('text' in say ? spoken(say.text) : called(say.call.arguments)),
    { type: 'response.output_item.done', ...PLACE, ...{ item: done } },
    { type: 'response.completed', ...{ response: envelope('completed', [done]) } },
  ]
}

function spoken(text: string): { type: string }[] {
  const at = { ...PLACE, content_index: 0 }
  return [
    { type: 'response.content_part.added', ...at, ...{ part: part('') } },
    ...pieces(text).map((delta) => ({ type: 'response.output_text.delta', ...at, delta, logprobs: [] })),
    { type: 'response.output_text.done', ...at, ...{ text, logprobs: [] } },
    { type: 'response.content_part.done', ...at, ...{ part: part(text) } },
  ]
}

const called = (text: string): { type: string }[] => [
  ...pieces(text).map((delta) => ({ type: 'response.function_call_arguments.delta', ...PLACE, delta })),
  { type: 'response.function_call_arguments.done', ...PLACE, ...{ arguments: text } },
]
