import { type Content, frames, pieces, Refused, type Say, SIGNATURE, THOUGHT, textOf, USAGE, type Wire } from './script.ts'

interface Block {
  readonly type: string
  readonly text?: string
  readonly signature?: string
  readonly id?: string
  readonly name?: string
  readonly input?: object
  readonly tool_use_id?: string
  readonly content?: Content
}

interface Body {
  readonly stream?: boolean
  readonly max_tokens?: number
  readonly thinking?: { readonly type: string }
  readonly messages: readonly { readonly role: string; readonly content: string | readonly Block[] }[]
  readonly tools?: readonly { readonly name: string }[]
  readonly output_config?: { readonly format?: object }
}

/** https://platform.claude.com/docs/en/api/messages */
export const messages: Wire = {
  read(text) {
    const { stream = false, max_tokens, thinking, messages: said, tools = [], output_config }: Body = JSON.parse(text)
    if (max_tokens === undefined) throw new Refused('max_tokens: Field required')
    if (thinking?.type === 'enabled') said.forEach(refuseUnthought)
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
  whole: (say) => ({ ...HEAD, content: blocks(say), stop_reason: reason(say), usage: USED }),
  stream: (say) => frames(events(say)),
  refusal: (message) => ({ type: 'error', error: { type: 'invalid_request_error', message }, request_id: 'req_mill' }),
}

/** Only where a budget is given: under adaptive thinking a turn may come back without its thoughts. */
function refuseUnthought({ role, content }: Body['messages'][number], at: number): void {
  if (role !== 'assistant' || typeof content === 'string' || !content.some(({ type }) => type === 'tool_use')) return
  if (content[0]?.type !== 'thinking') throw new Refused(`messages.${at}.content.0.type: Expected \`thinking\`, but found \`tool_use\`.`)
}

const HEAD = { id: 'msg_mill', type: 'message', role: 'assistant', model: 'mill-1', stop_sequence: null }
const USED = { input_tokens: USAGE.input, output_tokens: USAGE.output, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 }

const reason = (say: Say) => ('call' in say ? 'tool_use' : 'end_turn')

function blocks(say: Say): object[] {
  if ('text' in say) return [{ type: 'text', text: say.text }]
  const { id, name, arguments: input } = say.call
  const thought = say.signed ? [{ type: 'thinking', thinking: THOUGHT, signature: SIGNATURE }] : []
  return [...thought, { type: 'tool_use', id, name, input: JSON.parse(input) }]
}

function events(say: Say): { type: string }[] {
  return [
    { type: 'message_start', ...{ message: { ...HEAD, content: [], stop_reason: null, usage: { ...USED, output_tokens: 1 } } } },
    { type: 'ping' },
    ...written(say).flatMap(([begun, ...deltas], index) => [
      { type: 'content_block_start', ...{ index, content_block: begun } },
      ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', ...{ index } },
    ]),
    {
      type: 'message_delta',
      ...{ delta: { stop_reason: reason(say), stop_sequence: null }, usage: { output_tokens: USAGE.output } },
    },
    { type: 'message_stop' },
  ]
}

/** Each block as it begins, and its deltas. */
function written(say: Say): object[][] {
  if ('text' in say) return [[{ type: 'text', text: '' }, ...pieces(say.text).map((text) => ({ type: 'text_delta', text }))]]
  const { id, name, arguments: input } = say.call
  const thought = [
    { type: 'thinking', thinking: '', signature: '' },
    ...pieces(THOUGHT).map((thinking) => ({ type: 'thinking_delta', thinking })),
    { type: 'signature_delta', signature: SIGNATURE },
  ]
  const call = [
    { type: 'tool_use', id, name, input: {} },
    ...pieces(input).map((partial_json) => ({ type: 'input_json_delta', partial_json })),
  ]
  return say.signed ? [thought, call] : [call]
}
