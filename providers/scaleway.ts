import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://www.scaleway.com/en/docs/generative-apis
export const scaleway = defineProvider({
  id: 'scaleway',
  name: 'Scaleway',
  baseUrl: 'https://api.scaleway.ai/v1',
  dialect: openaiChat,
  apiKeyEnv: 'SCALEWAY_API_KEY',
  envAliases: ['SCW_SECRET_KEY'],
  probePath: '/models',
})
