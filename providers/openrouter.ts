import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://openrouter.ai/docs/api-reference/overview
export const openrouter = defineProvider({
  id: 'openrouter',
  name: 'OpenRouter',
  baseUrl: 'https://openrouter.ai/api/v1',
  dialect: openaiChat,
  apiKeyEnv: 'OPENROUTER_API_KEY',
  envAliases: ['OR_API_KEY'],
  quirks: { errorIn200: 'error', thinkingFormat: 'reasoning.effort', supportsCacheControl: true, supportsReasoningDetails: true },
  keyPrefixes: ['sk-or-'],
  // Its /models is public and says nothing of the key.
  probePath: '/key',
})
