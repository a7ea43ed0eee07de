import Groq from 'groq-sdk'
import type { ChatCompletionMessageParam } from 'groq-sdk/resources/chat/completions'
import { z } from 'zod'
import { type Client, PROMPT, TOOL_DESCRIPTION, TOOL_PARAMETERS, type Tool, thrownBy, Wind } from '../client.ts'
import { TOOL } from '../vendor/script.ts'
import { joined, type Said, said } from './chat-chunks.ts'

export const groq: Client = {
  name: 'groq-sdk',
  package: 'groq-sdk',
  vendor: 'groq',
  pointed: '`baseURL: …`; it adds `/openai/v1`',
  connect({ url, key }) {
    const { chat } = new Groq({ baseURL: url, apiKey: key, maxRetries: 0 })
    const answered = async (model: string, messages: ChatCompletionMessageParam[]) =>
      whole(await chat.completions.create({ model, messages, tools }))
    const streamed = async (model: string, messages: ChatCompletionMessageParam[]) =>
      joined(await chat.completions.create({ model, messages, tools, stream: true }))
    return {
      text: async (model) => heard(whole(await chat.completions.create({ model, messages: ASKED }))),
      stream: async (model) => heard(await joined(await chat.completions.create({ model, messages: ASKED, stream: true, ...USAGE_TOO }))),
      tools: (model, tool) => converse((messages) => answered(model, messages), tool),
      streamedTools: (model, tool) => converse((messages) => streamed(model, messages), tool),
      thoughts: (model, { prompt, tool, stream }) => {
        const asked = { model, tools, reasoning_effort: 'low' as const }
        const ask = async (messages: ChatCompletionMessageParam[]) =>
          stream
            ? joined(await chat.completions.create({ ...asked, messages, stream }))
            : whole(await chat.completions.create({ ...asked, messages }))
        return converse(ask, tool, prompt)
      },
      async structured(model) {
        const response_format = { type: 'json_schema' as const, json_schema: { name: 'wind', schema: z.toJSONSchema(Wind) } }
        const { text } = whole(await chat.completions.create({ model, messages: ASKED, response_format }))
        return JSON.parse(text)
      },
      refused: (model, content) =>
        thrownBy(() => chat.completions.create({ model, messages: [{ role: 'user', content }] }), Groq.APIError<number>),
    }
  },
}

const ASKED: ChatCompletionMessageParam[] = [{ role: 'user', content: PROMPT }]
const USAGE_TOO = { stream_options: { include_usage: true } }
const tools = [{ type: 'function' as const, function: { name: TOOL, description: TOOL_DESCRIPTION, parameters: { ...TOOL_PARAMETERS } } }]

type Ask = (messages: ChatCompletionMessageParam[]) => Promise<Said>

async function converse(ask: Ask, tool: Tool, prompt = PROMPT): Promise<string> {
  const asked: ChatCompletionMessageParam[] = [{ role: 'user', content: prompt }]
  const { message, calls } = await ask(asked)
  const results = calls.map(({ id, arguments: args }) => ({
    role: 'tool' as const,
    tool_call_id: id,
    content: tool(JSON.parse(args)),
  }))
  return (await ask([...asked, message as ChatCompletionMessageParam, ...results])).text // what was answered may be asked again
}

function whole({ choices, usage }: Groq.Chat.ChatCompletion): Said {
  return said(choices[0]?.message ?? {}, usage)
}

const heard = ({ text, usage }: Said) => ({ text, input: usage?.prompt_tokens, output: usage?.completion_tokens })
