import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://friendli.ai/docs/guides/serverless_endpoints/introduction
export const friendli = defineProvider({
  id: 'friendli',
  name: 'Friendli',
  baseUrl: 'https://api.friendli.ai/serverless/v1',
  dialect: openaiChat,
  apiKeyEnv: 'FRIENDLI_TOKEN',
  keyPrefixes: ['flp_'],
})
