import Groq from 'groq-sdk'
import type { ChatCompletionMessageParam } from 'groq-sdk/resources/chat/completions'
import { z } from 'zod'
import { type Client, FORGOTTEN, PROMPT, TOOL_DESCRIPTION, TOOL_PARAMETERS, type Tool, thrownBy, Wind } from '../client.ts'
import { TOOL } from '../vendor/script.ts'
import { joined, type Said } from './chat-chunks.ts'

export const groq: Client = {
  name: 'groq-sdk',
  package: 'groq-sdk',
  vendor: 'groq',
  pointed: '`baseURL: …`; it adds `/openai/v1`',
  gaps: { 'anthropic: kept thoughts': FORGOTTEN, 'google: kept thoughts': FORGOTTEN },
  connect({ url, key }) {
    const { chat } = new Groq({ baseURL: url, apiKey: key, maxRetries: 0 })
    const whole = async (model: string, messages: ChatCompletionMessageParam[]) =>
      said(await chat.completions.create({ model, messages, tools }))
    const streamed = async (model: string, messages: ChatCompletionMessageParam[]) =>
      joined(await chat.completions.create({ model, messages, tools, stream: true }))
    return {
      text: async (model) => heard(said(await chat.completions.create({ model, messages: ASKED }))),
      stream: async (model) => heard(await joined(await chat.completions.create({ model, messages: ASKED, stream: true, ...USAGE_TOO }))),
      tools: (model, tool) => converse((messages) => whole(model, messages), tool),
      streamedTools: (model, tool) => converse((messages) => streamed(model, messages), tool),
      thoughts: (model, { prompt, tool, stream }) => {
        const asked = { model, tools, reasoning_effort: 'low' as const }
        const ask = async (messages: ChatCompletionMessageParam[]) =>
          stream
            ? joined(await chat.completions.create({ ...asked, messages, stream }))
            : said(await chat.completions.create({ ...asked, messages }))
        return converse(ask, tool, prompt)
      },
      async structured(model) {
        const response_format = { type: 'json_schema' as const, json_schema: { name: 'wind', schema: z.toJSONSchema(Wind) } }
        const { text } = said(await chat.completions.create({ model, messages: ASKED, response_format }))
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
  const { text: content, calls } = await ask(asked)
  const tool_calls = calls.map(({ id, ...call }) => ({ id, type: 'function' as const, function: call }))
  const results = calls.map(({ id, arguments: args }) => ({
    role: 'tool' as const,
    tool_call_id: id,
    content: tool(JSON.parse(args)),
  }))
  return (await ask([...asked, { role: 'assistant', content, tool_calls }, ...results])).text
}

function said({ choices, usage }: Groq.Chat.ChatCompletion): Said {
  const { content, tool_calls = [] } = choices[0]?.message ?? {}
  return { text: content ?? '', calls: tool_calls.map(({ id, function: call }) => ({ id, ...call })), usage }
}

const heard = ({ text, usage }: Said) => ({ text, input: usage?.prompt_tokens, output: usage?.completion_tokens })
