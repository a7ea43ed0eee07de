import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://docs.helicone.ai/gateway/overview
export const helicone = defineProvider({
  id: 'helicone',
  name: 'Helicone',
  baseUrl: 'https://ai-gateway.helicone.ai/v1',
  dialect: openaiChat,
  apiKeyEnv: 'HELICONE_API_KEY',
  keyPrefixes: ['sk-helicone-'],
})
