import { defineProvider } from '../src/contract/define.ts'
import { anthropicMessages } from '../src/dialects/anthropic-messages.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { openaiResponses } from '../src/dialects/openai-responses.ts'

// https://api-docs.deepseek.com
export const deepseek = defineProvider({
  id: 'deepseek',
  name: 'DeepSeek',
  baseUrl: 'https://api.deepseek.com',
  dialect: openaiChat,
  also: [{ dialect: openaiResponses }, { dialect: anthropicMessages, basePath: 'anthropic', auth: { header: 'x-api-key', prefix: '' } }],
  apiKeyEnv: 'DEEPSEEK_API_KEY',
  quirks: {
    maxTokensField: 'max_tokens',
    supportsDeveloperRole: false,
    thinkingFormat: 'thinking.type+reasoning_effort',
    reasoningEfforts: { minimal: 'high', low: 'high', medium: 'high', xhigh: 'max' },
    requiresReasoningContent: true,
    jsonModes: ['json_object'],
  },
  probePath: '/models',
})
