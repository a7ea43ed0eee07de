import { defineProvider } from '../src/contract/define.ts'
import { jinaEmbeddings } from '../src/dialects/jina-embeddings.ts'
import { reranking } from '../src/dialects/openai-endpoints.ts'

// https://jina.ai/embeddings/
export const jina = defineProvider({
  id: 'jina',
  name: 'Jina AI',
  baseUrl: 'https://api.jina.ai/v1',
  dialect: jinaEmbeddings,
  also: [reranking],
  apiKeyEnv: 'JINA_API_KEY',
  envAliases: ['JINA_AI_API_KEY'],
  keyPrefixes: ['jina_'],
})
