import { defineProvider } from '../src/contract/define.ts'
import { cohereEmbeddings } from '../src/dialects/cohere-embeddings.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { rerank } from '../src/dialects/rerank.ts'

// https://docs.cohere.com/docs/compatibility-api
export const cohere = defineProvider({
  id: 'cohere',
  name: 'Cohere',
  baseUrl: 'https://api.cohere.ai/compatibility/v1',
  dialect: openaiChat,
  also: [
    { dialect: cohereEmbeddings, basePath: '../../v2' },
    { dialect: rerank, basePath: '../../v2' },
  ],
  apiKeyEnv: 'COHERE_API_KEY',
  envAliases: ['CO_API_KEY'],
})
