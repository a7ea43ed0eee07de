import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://docs.requesty.ai
export const requesty = defineProvider({
  id: 'requesty',
  name: 'Requesty',
  baseUrl: 'https://router.requesty.ai/v1',
  dialect: openaiChat,
  apiKeyEnv: 'REQUESTY_API_KEY',
})
