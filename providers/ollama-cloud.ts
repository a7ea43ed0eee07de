import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://docs.ollama.com/cloud
export const ollamaCloud = defineProvider({
  id: 'ollama-cloud',
  name: 'Ollama Cloud',
  baseUrl: 'https://ollama.com/v1',
  dialect: openaiChat,
  apiKeyEnv: 'OLLAMA_API_KEY',
  vendor: 'ollama',
})
