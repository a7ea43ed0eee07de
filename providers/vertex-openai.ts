import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { addresses } from './vertex/addresses.ts'
import { vertexCredentials } from './vertex/credentials.ts'

// Open models on Vertex, e.g. `meta/llama-4-maverick-17b-128e-instruct-maas`: https://cloud.google.com/vertex-ai/generative-ai/docs/maas/use-open-models
export const vertexOpenai = defineProvider({
  id: 'vertex-openai',
  name: 'Open models on Vertex AI',
  vendor: 'google-cloud',
  ...addresses('v1', 'endpoints/openapi'),
  dialect: openaiChat,
  apiKeyEnv: 'GOOGLE_VERTEX_CREDENTIALS',
  envAliases: ['VERTEXAI_CREDENTIALS'],
  credentials: vertexCredentials,
  quirks: { maxTokensField: 'max_tokens' },
})
