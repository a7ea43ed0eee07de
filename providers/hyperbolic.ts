import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://docs.hyperbolic.ai
export const hyperbolic = defineProvider({
  id: 'hyperbolic',
  name: 'Hyperbolic',
  baseUrl: 'https://api.hyperbolic.xyz/v1',
  dialect: openaiChat,
  apiKeyEnv: 'HYPERBOLIC_API_KEY',
})
