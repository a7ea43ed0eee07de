import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { speech, transcriptions, translations } from '../src/dialects/openai-endpoints.ts'
import { openaiResponses } from '../src/dialects/openai-responses.ts'

// https://console.groq.com/docs/openai
export const groq = defineProvider({
  id: 'groq',
  name: 'Groq',
  baseUrl: 'https://api.groq.com/openai/v1',
  dialect: openaiChat,
  also: [{ dialect: openaiResponses }, speech, transcriptions, translations],
  apiKeyEnv: 'GROQ_API_KEY',
  quirks: {
    billsAbandoned: true,
    unsupportedParams: ['logit_bias', 'logprobs', 'top_logprobs'],
    usageUnderXGroq: true,
    reasoningEfforts: { minimal: 'low', xhigh: 'high', max: 'high' },
  },
  modelQuirks: [
    // https://console.groq.com/docs/reasoning
    { models: ['openai/gpt-oss-*'], quirks: { reasoningEfforts: { none: 'low', minimal: 'low', xhigh: 'high', max: 'high' } } },
    {
      models: ['qwen/qwen3-*', 'qwen/qwen3.6-*'],
      quirks: {
        reasoningEfforts: { minimal: 'default', low: 'default', medium: 'default', high: 'default', xhigh: 'default', max: 'default' },
      },
    },
  ],
  keyPrefixes: ['gsk_'],
  probePath: '/models',
})
