import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://docs.ollama.com/api/openai-compatibility
export const ollama = defineProvider({
  id: 'ollama',
  name: 'Ollama',
  dialect: openaiChat,
  apiKeyEnv: 'OLLAMA_API_KEY',
  credential: 'none',
})
