import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://docs.parasail.io
export const parasail = defineProvider({
  id: 'parasail',
  name: 'Parasail',
  baseUrl: 'https://api.parasail.io/v1',
  dialect: openaiChat,
  apiKeyEnv: 'PARASAIL_API_KEY',
})
