import { type Content, frames, pieces, type Say, textOf, USAGE, type Wire } from './script.ts'

interface Body {
  readonly stream?: boolean
  readonly messages: readonly {
    readonly role: string
    readonly content?: Content
    readonly tool_call_id?: string
    readonly tool_calls?: readonly { readonly id: string; readonly function: { readonly name: string; readonly arguments: string } }[]
  }[]
  readonly tools?: readonly { readonly function: { readonly name: string } }[]
  readonly response_format?: { readonly type: string }
}

/** https://platform.openai.com/docs/api-reference/chat */
export const chat: Wire = {
  read(text) {
    const { stream = false, messages, tools = [], response_format }: Body = JSON.parse(text)
    return {
      stream,
      prompt: messages.map(({ content }) => textOf(content)).join('\n'),
      tools: tools.map((tool) => tool.function.name),
      structured: response_format?.type === 'json_schema',
      calls: messages.flatMap(({ tool_calls = [] }) => tool_calls).map(({ id, function: call }) => ({ id, ...call })),
      results: messages
        .filter(({ role }) => role === 'tool')
        .map(({ tool_call_id = '', content }) => ({ call: tool_call_id, text: textOf(content) })),
    }
  },
  whole: (say) => ({ ...HEAD, object: 'chat.completion', choices: [{ index: 0, message: message(say), ...end(say) }], usage }),
  stream: (say) => events([opening(say), ...deltas(say), chunk([{ index: 0, delta: {}, ...end(say) }]), chunk([], { usage })]),
  refusal: (message) => ({ error: { message, type: 'invalid_request_error', param: null, code: null } }),
}

/** The same as Mistral has it: a call comes in one piece, and usage unasked in the last chunk. https://docs.mistral.ai/api */
export const mistralChat: Wire = {
  ...chat,
  stream: (say) => {
    const last = chunk([{ index: 0, delta: { content: '' }, ...end(say) }], { usage })
    return events([opening(say), ...('text' in say ? deltas(say) : [delta(message(say))]), last])
  },
}

const HEAD = { id: 'chatcmpl-mill', created: 1_790_000_000, model: 'mill-1' }
const usage = { prompt_tokens: USAGE.input, completion_tokens: USAGE.output, total_tokens: USAGE.input + USAGE.output }

const end = (say: Say) => ({ logprobs: null, finish_reason: 'call' in say ? 'tool_calls' : 'stop' })

function message(say: Say): object {
  if ('text' in say) return { role: 'assistant', content: say.text, refusal: null }
  const { id, ...call } = say.call
  return { role: 'assistant', content: null, refusal: null, tool_calls: [{ index: 0, id, type: 'function', function: call }] }
}

const events = (chunks: readonly object[]): string => `${frames(chunks, false)}data: [DONE]\n\n`

const chunk = (choices: object[], more: object = {}): object => ({ ...HEAD, object: 'chat.completion.chunk', choices, ...more })

const delta = (delta: object): object => chunk([{ index: 0, delta, logprobs: null, finish_reason: null }])

const opening = (say: Say): object => delta({ role: 'assistant', content: 'text' in say ? '' : null })

function deltas(say: Say): object[] {
  if ('text' in say) return pieces(say.text).map((content) => delta({ content }))
  const { id, name } = say.call
  const call = (call: object) => delta({ tool_calls: [{ index: 0, ...call }] })
  return [
    call({ id, type: 'function', function: { name, arguments: '' } }),
    ...pieces(say.call.arguments).map((piece) => call({ function: { arguments: piece } })),
  ]
}
