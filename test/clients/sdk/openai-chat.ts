import OpenAI from 'openai'
import { zodResponseFormat } from 'openai/helpers/zod'
import type { RunnableToolFunctionWithParse } from 'openai/lib/RunnableFunction'
import { type Client, FORGOTTEN, PROMPT, TOOL_DESCRIPTION, TOOL_PARAMETERS, type Tool, thrownBy, Wind } from '../client.ts'
import { TOOL } from '../vendor/script.ts'

export const openaiChat: Client = {
  name: 'openai, chat completions',
  package: 'openai',
  vendor: 'openai',
  pointed: '`baseURL: …/v1`',
  gaps: { 'anthropic: kept thoughts': FORGOTTEN, 'google: kept thoughts': FORGOTTEN },
  connect({ url, key }) {
    const { chat } = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 })
    return {
      async text(model) {
        return heard(await chat.completions.create({ model, messages }))
      },
      async stream(model) {
        return heard(await chat.completions.stream({ model, messages, stream_options: { include_usage: true } }).finalChatCompletion())
      },
      async tools(model, tool) {
        const runner = chat.completions.runTools({ model, messages, tools: [tideAt(tool)] })
        return (await runner.finalContent()) ?? ''
      },
      async streamedTools(model, tool) {
        const runner = chat.completions.runTools({ model, messages, tools: [tideAt(tool)], stream: true })
        return (await runner.finalContent()) ?? ''
      },
      async thoughts(model, { prompt, tool, stream }) {
        const asked = {
          model,
          messages: [{ role: 'user' as const, content: prompt }],
          tools: [tideAt(tool)],
          reasoning_effort: 'low' as const,
        }
        const runner = stream ? chat.completions.runTools({ ...asked, stream }) : chat.completions.runTools(asked)
        return (await runner.finalContent()) ?? ''
      },
      async structured(model) {
        const answer = await chat.completions.parse({ model, messages, response_format: zodResponseFormat(Wind, 'wind') })
        return answer.choices[0]?.message.parsed
      },
      refused: (model, content) =>
        thrownBy(() => chat.completions.create({ model, messages: [{ role: 'user', content }] }), OpenAI.APIError<number>),
    }
  },
}

const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: PROMPT }]

const tideAt = (tool: Tool): RunnableToolFunctionWithParse<object> => ({
  type: 'function',
  function: { name: TOOL, description: TOOL_DESCRIPTION, parameters: { ...TOOL_PARAMETERS }, parse: JSON.parse, function: tool },
})

const heard = ({ choices, usage }: OpenAI.ChatCompletion) => ({
  text: choices[0]?.message.content ?? '',
  input: usage?.prompt_tokens,
  output: usage?.completion_tokens,
})
