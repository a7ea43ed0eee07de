import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { embeddings } from '../src/dialects/openai-endpoints.ts'

// https://docs.tokenfactory.nebius.com
export const nebius = defineProvider({
  id: 'nebius',
  name: 'Nebius Token Factory',
  baseUrl: 'https://api.tokenfactory.nebius.com/v1',
  dialect: openaiChat,
  also: [embeddings],
  apiKeyEnv: 'NEBIUS_API_KEY',
  probePath: '/models',
  quirks: { billsAbandoned: true },
})
