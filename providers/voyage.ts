import { defineProvider } from '../src/contract/define.ts'
import { voyageEmbeddings } from '../src/dialects/voyage-embeddings.ts'
import { voyageRerank } from '../src/dialects/voyage-rerank.ts'

// https://docs.voyageai.com/reference/embeddings-api
export const voyage = defineProvider({
  id: 'voyage',
  name: 'Voyage AI',
  baseUrl: 'https://api.voyageai.com/v1',
  dialect: voyageEmbeddings,
  also: [{ dialect: voyageRerank }],
  apiKeyEnv: 'VOYAGE_API_KEY',
  keyPrefixes: ['pa-'],
})
