import { Mistral } from '@mistralai/mistralai'
import type {
  ChatCompletionRequestMessage,
  ChatCompletionResponse,
  CompletionEvent,
  DeltaMessage,
  ToolCall,
  UsageInfo,
} from '@mistralai/mistralai/models/components'
import { MistralError } from '@mistralai/mistralai/models/errors'
import { type Client, PROMPT, TOOL_DESCRIPTION, TOOL_PARAMETERS, type Tool, thrownBy, Wind } from '../client.ts'
import { type Call, TOOL } from '../vendor/script.ts'

export const mistral: Client = {
  name: '@mistralai/mistralai',
  package: '@mistralai/mistralai',
  vendor: 'mistral',
  pointed: '`serverURL: …`; it adds `/v1`',
  connect({ url, key }) {
    const { chat } = new Mistral({ serverURL: url, apiKey: key, retryConfig: { strategy: 'none' } })
    return {
      text: async (model) => heard(said(await chat.complete({ model, messages }))),
      stream: async (model) => heard(await joined(await chat.stream({ model, messages }))),
      tools: (model, tool) => converse(async (messages) => said(await chat.complete({ model, messages, tools })), tool),
      streamedTools: (model, tool) => converse(async (messages) => joined(await chat.stream({ model, messages, tools })), tool),
      thoughts: (model, { prompt, tool, stream }) => {
        const asked = { model, tools, reasoningEffort: 'high' as const }
        const ask = async (messages: ChatCompletionRequestMessage[]) =>
          stream ? joined(await chat.stream({ ...asked, messages })) : said(await chat.complete({ ...asked, messages }))
        return converse(ask, tool, prompt)
      },
      structured: async (model) => (await chat.parse({ model, messages, responseFormat: Wind })).choices?.[0]?.message?.parsed,
      async refused(model, content) {
        const { statusCode: status, message } = await thrownBy(
          () => chat.complete({ model, messages: [{ role: 'user', content }] }),
          MistralError,
        )
        return { status, message }
      },
    }
  },
}

const messages: ChatCompletionRequestMessage[] = [{ role: 'user', content: PROMPT }]
const tools = [{ type: 'function' as const, function: { name: TOOL, description: TOOL_DESCRIPTION, parameters: { ...TOOL_PARAMETERS } } }]

interface Said {
  readonly text: string
  /** As it goes back with the calls. */
  readonly content: DeltaMessage['content']
  readonly calls: readonly Call[]
  readonly usage: UsageInfo | undefined
}

type Ask = (messages: ChatCompletionRequestMessage[]) => Promise<Said>

async function converse(ask: Ask, tool: Tool, prompt = PROMPT): Promise<string> {
  const messages: ChatCompletionRequestMessage[] = [{ role: 'user', content: prompt }]
  const { content, calls } = await ask(messages)
  const toolCalls = calls.map(({ id, ...call }) => ({ id, function: call }))
  const results = calls.map(({ id, name, arguments: args }): ChatCompletionRequestMessage => {
    return { role: 'tool', toolCallId: id, name, content: tool(JSON.parse(args)) }
  })
  return (await ask([...messages, { role: 'assistant', content, toolCalls }, ...results])).text
}

function said({ choices, usage }: ChatCompletionResponse): Said {
  const { content, toolCalls } = choices[0]?.message ?? {}
  return { text: textOf(content), content, calls: (toolCalls ?? []).map(callOf), usage }
}

async function joined(stream: AsyncIterable<CompletionEvent>): Promise<Said> {
  const chunks = (await Array.fromAsync(stream)).map(({ data }) => data)
  const deltas = chunks.flatMap(({ choices }) => choices.slice(0, 1)).map(({ delta }) => delta)
  const text = deltas.map(({ content }) => textOf(content)).join('')
  const thoughts = deltas.flatMap(({ content }) => (Array.isArray(content) ? content.filter(({ type }) => type === 'thinking') : []))
  return {
    text,
    content: thoughts.length > 0 ? [...thoughts, { type: 'text', text }] : text,
    calls: deltas.flatMap(({ toolCalls }) => toolCalls ?? []).map(callOf),
    usage: chunks.findLast(({ usage }) => usage)?.usage,
  }
}

const callOf = ({ id = '', function: { name, arguments: args } }: ToolCall): Call => ({
  id,
  name,
  arguments: typeof args === 'string' ? args : JSON.stringify(args),
})

const textOf = (content: DeltaMessage['content']): string =>
  typeof content === 'string' ? content : (content ?? []).map((chunk) => (chunk.type === 'text' ? chunk.text : '')).join('')

const heard = ({ text, usage }: Said) => ({ text, input: usage?.promptTokens, output: usage?.completionTokens })
