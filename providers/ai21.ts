import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://docs.ai21.com/reference/jamba-1-6-api-ref
export const ai21 = defineProvider({
  id: 'ai21',
  name: 'AI21 Labs',
  baseUrl: 'https://api.ai21.com/studio/v1',
  dialect: openaiChat,
  apiKeyEnv: 'AI21_API_KEY',
})
