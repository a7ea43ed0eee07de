import { defineProvider } from '../src/contract/define.ts'
import { claudeModels } from '../src/dialects/anthropic-messages/models.ts'
import { addresses } from './vertex/addresses.ts'
import { anthropicCountOnVertex, anthropicOnVertex } from './vertex/anthropic.ts'
import { vertexCredentials } from './vertex/credentials.ts'

// https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude
export const vertexAnthropic = defineProvider({
  id: 'vertex-anthropic',
  name: 'Claude on Vertex AI',
  vendor: 'google-cloud',
  ...addresses('v1', 'publishers/anthropic'),
  dialect: anthropicOnVertex,
  also: [{ dialect: anthropicCountOnVertex }],
  modelQuirks: claudeModels,
  apiKeyEnv: 'GOOGLE_VERTEX_CREDENTIALS',
  envAliases: ['VERTEXAI_CREDENTIALS'],
  credentials: vertexCredentials,
  // Counting is free.
  probePath: '/models/count-tokens:rawPredict',
  probeBody: {
    anthropic_version: 'vertex-2023-10-16',
    model: 'claude-haiku-4-5@20251001',
    messages: [{ role: 'user', content: 'Hi' }],
  },
})
