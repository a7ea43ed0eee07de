import { type Cohere, CohereClientV2, CohereError } from 'cohere-ai'
import { z } from 'zod'
import { type Client, PROMPT, TOOL_DESCRIPTION, TOOL_PARAMETERS, type Tool, thrownBy, Wind } from '../client.ts'
import { TOOL } from '../vendor/script.ts'

export const cohere: Client = {
  name: 'cohere-ai, chat',
  package: 'cohere-ai',
  vendor: 'cohere',
  pointed: '`environment: …`; it adds `/v2`',
  connect({ url, key }) {
    const client = new CohereClientV2({ environment: url, token: key, maxRetries: 0 })
    const whole = async (asked: Cohere.V2ChatRequest): Promise<Said> => client.chat(asked)
    const streamed = async (asked: Cohere.V2ChatRequest) => joined(await client.chatStream(asked))
    return {
      text: async (model) => heard(await whole({ model, messages: ASKED })),
      stream: async (model) => heard(await streamed({ model, messages: ASKED })),
      tools: (model, tool) => converse((messages) => whole({ model, messages, tools }), tool),
      streamedTools: (model, tool) => converse((messages) => streamed({ model, messages, tools }), tool),
      thoughts: (model, { prompt, tool, stream }) => {
        const asked = { model, tools, thinking: { type: 'enabled' as const, tokenBudget: 1024 } }
        return converse((messages) => (stream ? streamed : whole)({ ...asked, messages }), tool, prompt)
      },
      async structured(model) {
        const { text } = heard(
          await whole({ model, messages: ASKED, responseFormat: { type: 'json_object', jsonSchema: z.toJSONSchema(Wind) } }),
        )
        return JSON.parse(text)
      },
      async refused(model, content) {
        const { statusCode: status, message } = await thrownBy(
          () => client.chat({ model, messages: [{ role: 'user', content }] }),
          CohereError,
        )
        return { status, message }
      },
    }
  },
}

const ASKED: Cohere.ChatMessages = [{ role: 'user', content: PROMPT }]
const tools = [{ type: 'function' as const, function: { name: TOOL, description: TOOL_DESCRIPTION, parameters: { ...TOOL_PARAMETERS } } }]

interface Said {
  readonly message: Cohere.AssistantMessageResponse
  readonly usage?: Cohere.Usage
}

type Ask = (messages: Cohere.ChatMessages) => Promise<Said>

/** The answer goes back as it came. */
async function converse(ask: Ask, tool: Tool, prompt = PROMPT): Promise<string> {
  const asked: Cohere.ChatMessages = [{ role: 'user', content: prompt }]
  const { message } = await ask(asked)
  const results = (message.toolCalls ?? []).map(
    ({ id, function: called }): Cohere.ChatMessageV2 => ({
      role: 'tool',
      toolCallId: id,
      content: tool(JSON.parse(called?.arguments ?? '')),
    }),
  )
  return heard(await ask([...asked, message, ...results])).text
}

/** Puts a stream together by the letter of the API: an item or a call as it begins, then piece by piece. */
async function joined(events: AsyncIterable<Cohere.V2ChatStreamResponse>): Promise<Said> {
  const content: Cohere.AssistantMessageResponseContentItem[] = []
  const toolCalls: { id: string; type: 'function'; function: { name: string; arguments: string } }[] = []
  let toolPlan = ''
  let usage: Cohere.Usage | undefined
  for await (const event of events) {
    if (event.type === 'content-start') content.push({ ...event.delta?.message?.content } as Cohere.AssistantMessageResponseContentItem) // as its own types have it
    if (event.type === 'content-delta') append(content.at(-1), event.delta?.message?.content)
    if (event.type === 'tool-plan-delta') toolPlan += event.delta?.message?.toolPlan ?? ''
    if (event.type === 'tool-call-start') {
      const { id = '', function: called } = event.delta?.message?.toolCalls ?? {}
      toolCalls.push({ id, type: 'function', function: { name: called?.name ?? '', arguments: called?.arguments ?? '' } })
    }
    const call = toolCalls.at(-1)
    if (event.type === 'tool-call-delta' && call) call.function.arguments += event.delta?.message?.toolCalls?.function?.arguments ?? ''
    if (event.type === 'message-end') usage = event.delta?.usage
  }
  return { message: { role: 'assistant', content, toolPlan, toolCalls }, ...(usage && { usage }) }
}

function append(item: Cohere.AssistantMessageResponseContentItem | undefined, piece: { text?: string; thinking?: string } = {}): void {
  if (item?.type === 'text') item.text += piece.text ?? ''
  if (item?.type === 'thinking') item.thinking += piece.thinking ?? ''
}

function heard({ message, usage }: Said) {
  const text = (message.content ?? []).map((item) => (item.type === 'text' ? item.text : '')).join('')
  return { text, input: usage?.tokens?.inputTokens, output: usage?.tokens?.outputTokens }
}
