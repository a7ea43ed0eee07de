import { type Content, frames, pieces, Refused, type Say, textOf, USAGE, type Wire } from './script.ts'

interface Block {
  readonly type: string
  readonly text?: string
  readonly id?: string
  readonly name?: string
  readonly input?: object
  readonly tool_use_id?: string
  readonly content?: Content
}

interface Body {
  readonly stream?: boolean
  readonly max_tokens?: number
  readonly messages: readonly { readonly role: string; readonly content: string | readonly Block[] }[]
  readonly tools?: readonly { readonly name: string }[]
  readonly output_config?: { readonly format?: object }
}

/** https://platform.claude.com/docs/en/api/messages */
export const messages: Wire = {
  read(text) {
    const { stream = false, max_tokens, messages: said, tools = [], output_config }: Body = JSON.parse(text)
    if (max_tokens === undefined) throw new Refused('max_tokens: Field required')
    const blocks = said.flatMap(({ content }) => (typeof content === 'string' ? [{ type: 'text', text: content }] : content))
    return {
      stream,
      prompt: textOf(blocks),
      tools: tools.map(({ name }) => name),
      structured: output_config?.format !== undefined,
      calls: blocks
        .filter(({ type }) => type === 'tool_use')
        .map(({ id = '', name = '', input }) => ({ id, name, arguments: JSON.stringify(input) })),
      results: blocks
        .filter(({ type }) => type === 'tool_result')
        .map(({ tool_use_id = '', content }) => ({ call: tool_use_id, text: textOf(content) })),
    }
  },
  whole: (say) => ({ ...HEAD, content: [block(say)], stop_reason: reason(say), usage: USED }),
  stream: (say) => frames(events(say)),
  refusal: (message) => ({ type: 'error', error: { type: 'invalid_request_error', message }, request_id: 'req_mill' }),
}

const HEAD = { id: 'msg_mill', type: 'message', role: 'assistant', model: 'mill-1', stop_sequence: null }
const USED = { input_tokens: USAGE.input, output_tokens: USAGE.output, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 }

const reason = (say: Say) => ('call' in say ? 'tool_use' : 'end_turn')

function block(say: Say): object {
  if ('text' in say) return { type: 'text', text: say.text }
  return { type: 'tool_use', id: say.call.id, name: say.call.name, input: JSON.parse(say.call.arguments) }
}

function events(say: Say): { type: string }[] {
  const begun = 'text' in say ? { type: 'text', text: '' } : { ...block(say), input: {} }
  const deltas =
    'text' in say
      ? pieces(say.text).map((text) => ({ type: 'text_delta', text }))
      : pieces(say.call.arguments).map((partial_json) => ({ type: 'input_json_delta', partial_json }))
  return [
    { type: 'message_start', ...{ message: { ...HEAD, content: [], stop_reason: null, usage: { ...USED, output_tokens: 1 } } } },
    { type: 'content_block_start', ...{ index: 0, content_block: begun } },
    { type: 'ping' },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index: 0, delta })),
    { type: 'content_block_stop', ...{ index: 0 } },
    {
      type: 'message_delta',
      ...{ delta: { stop_reason: reason(say), stop_sequence: null }, usage: { output_tokens: USAGE.output } },
    },
    { type: 'message_stop' },
  ]
}
