import Anthropic from '@anthropic-ai/sdk'
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod'
import { type Client, PROMPT, TOOL_DESCRIPTION, TOOL_PARAMETERS, type Tool, thrownBy, Wind } from '../client.ts'
import { TOOL } from '../vendor/script.ts'

export const anthropic: Client = {
  name: '@anthropic-ai/sdk',
  package: '@anthropic-ai/sdk',
  vendor: 'anthropic',
  pointed: '`baseURL: …`, without `/v1`',
  connect({ url, key }) {
    const client = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 })
    return {
      text: async (model) => heard(await client.messages.create({ ...asked, model })),
      stream: async (model) => heard(await client.messages.stream({ ...asked, model }).finalMessage()),
      tools: (model, tool) => converse((messages) => client.messages.create({ ...asked, model, tools, messages }), tool),
      streamedTools: (model, tool) =>
        converse((messages) => client.messages.stream({ ...asked, model, tools, messages }).finalMessage(), tool),
      thoughts: (model, { prompt, tool, stream }) => {
        const thinking = { type: 'enabled' as const, budget_tokens: 1024 }
        const asked = { model, tools, thinking, max_tokens: 4096 }
        const ask = (messages: Anthropic.MessageParam[]) =>
          stream ? client.messages.stream({ ...asked, messages }).finalMessage() : client.messages.create({ ...asked, messages })
        return converse(ask, tool, prompt)
      },
      async structured(model) {
        const answer = await client.messages.parse({ ...asked, model, output_config: { format: zodOutputFormat(Wind) } })
        return answer.parsed_output
      },
      refused: (model, content) =>
        thrownBy(() => client.messages.create({ ...asked, model, messages: [{ role: 'user', content }] }), Anthropic.APIError<number>),
    }
  },
}

const messages: Anthropic.MessageParam[] = [{ role: 'user', content: PROMPT }]
const asked = { max_tokens: 1024, messages }
const tools: Anthropic.Tool[] = [
  { name: TOOL, description: TOOL_DESCRIPTION, input_schema: { ...TOOL_PARAMETERS, required: ['harbour', 'day'] } },
]

type Ask = (messages: Anthropic.MessageParam[]) => Promise<Anthropic.Message>

async function converse(ask: Ask, tool: Tool, prompt = PROMPT): Promise<string> {
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: prompt }]
  const { content } = await ask(messages)
  const results = content.flatMap((block): Anthropic.ToolResultBlockParam[] =>
    block.type === 'tool_use' ? [{ type: 'tool_result', tool_use_id: block.id, content: tool(block.input) }] : [],
  )
  return textOf(await ask([...messages, { role: 'assistant', content }, { role: 'user', content: results }]))
}

const textOf = ({ content }: Anthropic.Message) => content.map((block) => (block.type === 'text' ? block.text : '')).join('')

const heard = (message: Anthropic.Message) => ({
  text: textOf(message),
  input: message.usage.input_tokens,
  output: message.usage.output_tokens,
})
