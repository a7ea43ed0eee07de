import { type AIMessageChunk, type BaseMessage, HumanMessage, ToolMessage } from '@langchain/core/messages'
import { tool as define } from '@langchain/core/tools'
import { ChatOpenAI } from '@langchain/openai'
import { APIError } from 'openai'
import { type Client, FORGOTTEN, Harbour, PROMPT, TOOL_DESCRIPTION, type Tool, thrownBy, Wind } from '../client.ts'
import { TOOL } from '../vendor/script.ts'

export const langchain: Client = {
  name: '@langchain/openai',
  package: '@langchain/openai',
  vendor: 'openai',
  pointed: '`configuration: { baseURL: …/v1 }`',
  gaps: { 'anthropic: kept thoughts': FORGOTTEN, 'google: kept thoughts': FORGOTTEN },
  connect({ url, key }) {
    const named = (model: string) => new ChatOpenAI({ model, apiKey: key, maxRetries: 0, configuration: { baseURL: `${url}/v1` } })
    return {
      text: async (model) => heard(await named(model).invoke(PROMPT)),
      stream: async (model) => heard(await gathered(await named(model).stream(PROMPT))),
      tools: (model, tool) =>
        converse(
          (said) =>
            named(model)
              .bindTools([tideAt(tool)])
              .invoke(said),
          tool,
        ),
      streamedTools: (model, tool) =>
        converse(
          async (said) =>
            gathered(
              await named(model)
                .bindTools([tideAt(tool)])
                .stream(said),
            ),
          tool,
        ),
      thoughts: (model, { prompt, tool, stream }) => {
        const thinking = named(model).bindTools([tideAt(tool)], { reasoning: { effort: 'low' } })
        return converse(async (said) => (stream ? gathered(await thinking.stream(said)) : thinking.invoke(said)), tool, prompt)
      },
      structured: (model) => named(model).withStructuredOutput(Wind).invoke(PROMPT),
      // LangChain lets the errors of the package beneath it through.
      refused: (model, prompt) => thrownBy(() => named(model).invoke(prompt), APIError<number>),
    }
  },
}

const tideAt = (tool: Tool) => define(async (args) => tool(args), { name: TOOL, description: TOOL_DESCRIPTION, schema: Harbour })

async function converse(ask: (said: BaseMessage[]) => Promise<AIMessageChunk>, tool: Tool, prompt = PROMPT): Promise<string> {
  const said: BaseMessage[] = [new HumanMessage(prompt)]
  const calling = await ask(said)
  const results = (calling.tool_calls ?? []).map(({ id = '', args }) => new ToolMessage({ tool_call_id: id, content: tool(args) }))
  return (await ask([...said, calling, ...results])).text
}

async function gathered(stream: AsyncIterable<AIMessageChunk>): Promise<AIMessageChunk> {
  const [first, ...rest] = await Array.fromAsync(stream)
  if (first === undefined) throw new Error('The stream was empty.')
  return rest.reduce((whole, chunk) => whole.concat(chunk), first)
}

const heard = ({ text, usage_metadata: usage }: AIMessageChunk) => ({
  text,
  input: usage?.input_tokens,
  output: usage?.output_tokens,
})
