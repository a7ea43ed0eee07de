import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://inference.readthedocs.io
export const xinference = defineProvider({
  id: 'xinference',
  name: 'Xinference',
  dialect: openaiChat,
  apiKeyEnv: 'XINFERENCE_API_KEY',
  credential: 'none',
})
