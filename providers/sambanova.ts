import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { embeddings, transcriptions, translations } from '../src/dialects/openai-endpoints.ts'

// https://docs.sambanova.ai/docs/en/api-reference/overview
export const sambanova = defineProvider({
  id: 'sambanova',
  name: 'SambaNova',
  baseUrl: 'https://api.sambanova.ai/v1',
  dialect: openaiChat,
  also: [embeddings, transcriptions, translations],
  apiKeyEnv: 'SAMBANOVA_API_KEY',
  quirks: { billsAbandoned: true },
})
