import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { embeddings } from '../src/dialects/openai-endpoints.ts'

// https://novita.ai/docs/guides/llm-api
export const novita = defineProvider({
  id: 'novita',
  name: 'Novita AI',
  baseUrl: 'https://api.novita.ai/openai',
  dialect: openaiChat,
  also: [embeddings],
  apiKeyEnv: 'NOVITA_API_KEY',
})
