import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://docs.venice.ai/api-reference/endpoint/chat/completions
export const venice = defineProvider({
  id: 'venice',
  name: 'Venice',
  baseUrl: 'https://api.venice.ai/api/v1',
  dialect: openaiChat,
  apiKeyEnv: 'VENICE_API_KEY',
  envAliases: ['VENICE_AI_API_KEY'],
})
