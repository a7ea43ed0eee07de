import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://llama.developer.meta.com/docs
export const meta = defineProvider({
  id: 'meta',
  name: 'Meta',
  baseUrl: 'https://api.meta.ai/v1',
  dialect: openaiChat,
  apiKeyEnv: 'META_API_KEY',
})
