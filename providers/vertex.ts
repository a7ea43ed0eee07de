import { defineProvider } from '../src/contract/define.ts'
import { geminiCount } from '../src/dialects/counting.ts'
import { geminiModels } from '../src/dialects/gemini/models.ts'
import { gemini } from '../src/dialects/gemini.ts'
import { addresses } from './vertex/addresses.ts'
import { vertexCredentials } from './vertex/credentials.ts'
import { vertexEmbeddings } from './vertex/embeddings.ts'

// https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference
export const vertex = defineProvider({
  id: 'vertex',
  name: 'Google Vertex AI',
  vendor: 'google-cloud',
  ...addresses('v1beta1', 'publishers/google'),
  dialect: gemini,
  also: [{ dialect: geminiCount }, { dialect: vertexEmbeddings }],
  modelQuirks: geminiModels,
  apiKeyEnv: 'GOOGLE_VERTEX_CREDENTIALS',
  envAliases: ['VERTEXAI_CREDENTIALS'],
  credentials: vertexCredentials,
  // Counting is free.
  probePath: '/models/gemini-2.5-flash:countTokens',
  probeBody: { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] },
})
