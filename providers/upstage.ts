import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://console.upstage.ai/api/chat
export const upstage = defineProvider({
  id: 'upstage',
  name: 'Upstage',
  baseUrl: 'https://api.upstage.ai/v1/solar',
  dialect: openaiChat,
  apiKeyEnv: 'UPSTAGE_API_KEY',
  keyPrefixes: ['up_'],
})
