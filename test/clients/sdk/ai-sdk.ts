import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogle } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { APICallError, tool as define, generateText, isStepCount, type LanguageModel, Output, streamText } from 'ai'
import {
  type Client,
  type Conversation,
  FORGOTTEN,
  type Gate,
  Harbour,
  PROMPT,
  TOOL_DESCRIPTION,
  type Tool,
  thrownBy,
  Wind,
} from '../client.ts'
import { TOOL } from '../vendor/script.ts'

// It warns of every model that it does not know by name.
globalThis.AI_SDK_LOG_WARNINGS = false

export const aiOpenai = client('@ai-sdk/openai, responses', {
  package: '@ai-sdk/openai',
  vendor: 'openai',
  pointed: '`baseURL: …/v1`',
  models: ({ url, key }) => createOpenAI({ baseURL: `${url}/v1`, apiKey: key }),
})

export const aiOpenaiChat = client('@ai-sdk/openai, chat completions', {
  package: '@ai-sdk/openai',
  vendor: 'openai',
  pointed: '`baseURL: …/v1`',
  gaps: { 'anthropic: kept thoughts': FORGOTTEN, 'google: kept thoughts': FORGOTTEN },
  models: ({ url, key }) => createOpenAI({ baseURL: `${url}/v1`, apiKey: key }).chat,
})

export const aiAnthropic = client('@ai-sdk/anthropic', {
  package: '@ai-sdk/anthropic',
  vendor: 'anthropic',
  pointed: '`baseURL: …/v1`',
  models: ({ url, key }) => createAnthropic({ baseURL: `${url}/v1`, apiKey: key }),
})

export const aiGoogle = client('@ai-sdk/google', {
  package: '@ai-sdk/google',
  vendor: 'google',
  pointed: '`baseURL: …/v1beta`; models as `models/<name>`',
  // A name with a slash is taken for a whole path.
  models: ({ url, key }) => {
    const named = createGoogle({ baseURL: `${url}/v1beta`, apiKey: key })
    return (model) => named(`models/${model}`)
  },
})

export const aiCompatible = client('@ai-sdk/openai-compatible', {
  package: '@ai-sdk/openai-compatible',
  vendor: 'groq',
  pointed: '`baseURL: …/v1`',
  gaps: {
    'anthropic: kept thoughts': 'the client keeps the marks of Gemini only (`extra_content.google`); the turn goes on without the thought',
  },
  models: ({ url, key }) =>
    createOpenAICompatible({ name: 'tollgate', baseURL: `${url}/v1`, apiKey: key, includeUsage: true, supportsStructuredOutputs: true }),
})

function client(
  name: string,
  { models, ...rest }: Omit<Client, 'name' | 'connect'> & { models: (gate: Gate) => (model: string) => LanguageModel },
): Client {
  return { name, ...rest, connect: (gate) => conversation(models(gate)) }
}

function conversation(named: (model: string) => LanguageModel): Conversation {
  const asked = (model: string) => ({ model: named(model), prompt: PROMPT, maxRetries: 0 })
  const withTool = (model: string, tool: Tool) => ({ ...asked(model), tools: tools(tool), stopWhen: isStepCount(2) })
  return {
    async text(model) {
      const { text, usage } = await generateText(asked(model))
      return { text, input: usage.inputTokens, output: usage.outputTokens }
    },
    async stream(model) {
      const { text, usage } = streamText(asked(model))
      const { inputTokens, outputTokens } = await usage
      return { text: await text, input: inputTokens, output: outputTokens }
    },
    tools: async (model, tool) => (await generateText(withTool(model, tool))).text,
    streamedTools: (model, tool) => Promise.resolve(streamText(withTool(model, tool)).text),
    async thoughts(model, { prompt, tool, stream }) {
      const asked = { ...withTool(model, tool), prompt, providerOptions: thinking }
      return stream ? streamText(asked).text : (await generateText(asked)).text
    },
    structured: async (model) => (await generateText({ ...asked(model), output: Output.object({ schema: Wind }) })).output,
    async refused(model, prompt) {
      const { statusCode: status, message } = await thrownBy(() => generateText({ ...asked(model), prompt }), APICallError)
      return { status, message }
    },
  }
}

/** Each provider package reads its own name only. */
const thinking = {
  openai: {
    reasoningEffort: 'low',
    reasoningSummary: 'auto',
    store: false,
    include: ['reasoning.encrypted_content'],
    forceReasoning: true,
  },
  anthropic: { thinking: { type: 'enabled', budgetTokens: 1024 } },
  google: { thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 } },
  tollgate: { reasoningEffort: 'low' },
}

const tools = (tool: Tool) => ({
  [TOOL]: define({ description: TOOL_DESCRIPTION, inputSchema: Harbour, execute: async (args) => tool(args) }),
})
