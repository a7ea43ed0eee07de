import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { rerank } from '../src/dialects/rerank.ts'
import { cohereChat } from './cohere/chat.ts'
import { cohereEmbeddings, cohereEmbeddings1 } from './cohere/embeddings.ts'

// https://docs.cohere.com/reference/chat
// Clients of OpenAI's chat have their bytes passed by https://docs.cohere.com/docs/compatibility-api; all others are told more here.
export const cohere = defineProvider({
  id: 'cohere',
  name: 'Cohere',
  baseUrl: 'https://api.cohere.com/v2',
  dialect: cohereChat,
  also: [
    { dialect: openaiChat, basePath: '../compatibility/v1' },
    { dialect: cohereEmbeddings },
    { dialect: cohereEmbeddings1, basePath: '../v1' },
    { dialect: rerank },
  ],
  apiKeyEnv: 'COHERE_API_KEY',
  envAliases: ['CO_API_KEY'],
})
