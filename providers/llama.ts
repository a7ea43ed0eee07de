import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://llama.developer.meta.com/docs/features/compatibility
export const llama = defineProvider({
  id: 'llama',
  name: 'Meta Llama API',
  baseUrl: 'https://api.llama.com/compat/v1',
  dialect: openaiChat,
  apiKeyEnv: 'LLAMA_API_KEY',
  vendor: 'meta',
  keyPrefixes: ['LLM|'],
  probePath: '/models',
})
