import { type Content, frames, pieces, type Say, THOUGHT, textOf, USAGE, type Wire } from './script.ts'

interface Body {
  readonly stream?: boolean
  readonly messages: readonly {
    readonly role: string
    readonly content?: Content
    readonly tool_call_id?: string
    readonly tool_calls?: readonly { readonly id: string; readonly function: { readonly name: string; readonly arguments: string } }[]
  }[]
  readonly tools?: readonly { readonly function: { readonly name: string } }[]
  readonly response_format?: { readonly type: string; readonly json_schema?: object }
}

/** https://docs.cohere.com/reference/chat */
export const cohere: Wire = {
  read(text) {
    const { stream = false, messages, tools = [], response_format }: Body = JSON.parse(text)
    return {
      stream,
      prompt: messages.map(({ content }) => textOf(content)).join('\n'),
      tools: tools.map((tool) => tool.function.name),
      structured: response_format?.json_schema !== undefined,
      calls: messages.flatMap(({ tool_calls = [] }) => tool_calls).map(({ id, function: call }) => ({ id, ...call })),
      results: messages
        .filter(({ role }) => role === 'tool')
        .map(({ tool_call_id = '', content }) => ({ call: tool_call_id, text: textOf(content) })),
    }
  },
  whole: (say) => ({ id: ID, message: { role: 'assistant', ...message(say) }, finish_reason: reason(say), usage }),
  stream: (say) => `${frames(events(say))}data: [DONE]\n\n`,
  refusal: (message) => ({ id: ID, message }),
}

const ID = 'a1b2-mill'
const usage = {
  billed_units: { input_tokens: 5, output_tokens: USAGE.output },
  tokens: { input_tokens: USAGE.input, output_tokens: USAGE.output },
}

const reason = (say: Say) => ('call' in say ? 'TOOL_CALL' : 'COMPLETE')

function message(say: Say): object {
  if ('text' in say) return { content: [{ type: 'text', text: say.text }] }
  const { id, ...called } = say.call
  const thought = say.signed ? { content: [{ type: 'thinking', thinking: THOUGHT }] } : { tool_plan: THOUGHT }
  return { ...thought, tool_calls: [{ id, type: 'function', function: called }] }
}

function events(say: Say): { type: string }[] {
  return [
    { type: 'message-start', ...{ id: ID, delta: { message: { role: 'assistant', content: [], tool_calls: [] } } } },
    ...said(say),
    { type: 'message-end', ...{ delta: { finish_reason: reason(say), usage } } },
  ]
}

function said(say: Say): { type: string }[] {
  if ('text' in say) return item('text', say.text)
  const { id, name, arguments: written } = say.call
  const plan = pieces(THOUGHT).map((tool_plan) => ({ type: 'tool-plan-delta', delta: { message: { tool_plan } } }))
  const call = (type: string, tool_calls: object) => ({ type, index: 0, delta: { message: { tool_calls } } })
  return [
    ...(say.signed ? item('thinking', THOUGHT) : plan),
    call('tool-call-start', { id, type: 'function', function: { name, arguments: '' } }),
    ...pieces(written).map((piece) => call('tool-call-delta', { function: { arguments: piece } })),
    { type: 'tool-call-end', ...{ index: 0 } },
  ]
}

function item(type: 'text' | 'thinking', text: string): { type: string }[] {
  const content = (type: string, content: object) => ({ type, index: 0, delta: { message: { content } } })
  return [
    content('content-start', { type, [type]: '' }),
    ...pieces(text).map((piece) => content('content-delta', { [type]: piece })),
    { type: 'content-end', ...{ index: 0 } },
  ]
}
