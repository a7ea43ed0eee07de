import OpenAI from 'openai'
import { zodTextFormat } from 'openai/helpers/zod'
import type { Response, ResponseInput, ResponseInputItem } from 'openai/resources/responses/responses'
import { type Client, PROMPT, TOOL_DESCRIPTION, TOOL_PARAMETERS, type Tool, thrownBy, Wind } from '../client.ts'
import { TOOL } from '../vendor/script.ts'

export const openaiResponses: Client = {
  name: 'openai, responses',
  package: 'openai',
  vendor: 'openai',
  pointed: '`baseURL: …/v1`',
  connect({ url, key }) {
    const { responses } = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 })
    const create = (model: string, input: ResponseInput) => responses.create({ model, input, tools, store: false })
    const stream = (model: string, input: ResponseInput) => responses.stream({ model, input, tools, store: false }).finalResponse()
    return {
      text: async (model) => heard(await responses.create({ model, input: PROMPT })),
      stream: async (model) => heard(await responses.stream({ model, input: PROMPT }).finalResponse()),
      tools: (model, tool) => converse((input) => create(model, input), tool),
      streamedTools: (model, tool) => converse((input) => stream(model, input), tool),
      thoughts: (model, { prompt, tool, stream }) => {
        const reasoning = { effort: 'low' as const, summary: 'auto' as const }
        const asked = { model, tools, reasoning, store: false, include: ['reasoning.encrypted_content' as const] }
        const ask = (input: ResponseInput) =>
          stream ? responses.stream({ ...asked, input }).finalResponse() : responses.create({ ...asked, input })
        return converse(ask, tool, prompt)
      },
      async structured(model) {
        const answer = await responses.parse({ model, input: PROMPT, text: { format: zodTextFormat(Wind, 'wind') } })
        return answer.output_parsed
      },
      refused: (model, input) => thrownBy(() => responses.create({ model, input }), OpenAI.APIError<number>),
    }
  },
}

async function converse(ask: (input: ResponseInput) => Promise<Response>, tool: Tool, prompt = PROMPT): Promise<string> {
  const input: ResponseInput = [{ role: 'user', content: prompt }]
  const { output } = await ask(input)
  // As the documentation has it: the model's own items go back as they came.
  const results = output.flatMap((item): ResponseInputItem[] =>
    item.type === 'function_call'
      ? [{ type: 'function_call_output', call_id: item.call_id, output: tool(JSON.parse(item.arguments)) }]
      : [],
  )
  const answer = await ask([...input, ...(output as ResponseInput), ...results])
  return answer.output_text
}

const tools = [{ type: 'function' as const, name: TOOL, description: TOOL_DESCRIPTION, parameters: { ...TOOL_PARAMETERS }, strict: true }]

const heard = ({ output_text, usage }: Response) => ({ text: output_text, input: usage?.input_tokens, output: usage?.output_tokens })
