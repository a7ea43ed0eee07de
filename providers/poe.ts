import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://creator.poe.com/docs/external-applications/openai-compatible-api
export const poe = defineProvider({
  id: 'poe',
  name: 'Poe',
  baseUrl: 'https://api.poe.com/v1',
  dialect: openaiChat,
  apiKeyEnv: 'POE_API_KEY',
})
