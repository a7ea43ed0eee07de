import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://chutes.ai/docs
export const chutes = defineProvider({
  id: 'chutes',
  name: 'Chutes',
  baseUrl: 'https://llm.chutes.ai/v1',
  dialect: openaiChat,
  apiKeyEnv: 'CHUTES_API_KEY',
  quirks: { maxTokensField: 'max_tokens' },
  keyPrefixes: ['cpk_'],
})
