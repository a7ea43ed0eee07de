import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { embeddings } from '../src/dialects/openai-endpoints.ts'

// https://inference.readthedocs.io
export const xinference = defineProvider({
  id: 'xinference',
  name: 'Xinference',
  dialect: openaiChat,
  also: [embeddings],
  apiKeyEnv: 'XINFERENCE_API_KEY',
  credential: 'none',
})
