import { defineProvider } from '../src/contract/define.ts'
import { geminiCount } from '../src/dialects/counting.ts'
import { geminiModels } from '../src/dialects/gemini/models.ts'
import { gemini } from '../src/dialects/gemini.ts'

// Vertex with nothing but a key: https://cloud.google.com/vertex-ai/generative-ai/docs/start/express-mode/vertex-ai-express-mode-api-reference
export const vertexExpress = defineProvider({
  id: 'vertex-express',
  name: 'Google Vertex AI in express mode',
  vendor: 'google-cloud',
  baseUrl: 'https://aiplatform.googleapis.com/v1beta1/publishers/google',
  dialect: gemini,
  also: [{ dialect: geminiCount }],
  modelQuirks: geminiModels,
  apiKeyEnv: 'GOOGLE_VERTEX_API_KEY',
  auth: { header: 'x-goog-api-key', prefix: '' },
  badKey: [{ status: 401 }, { status: 400, code: 'API_KEY_INVALID' }],
})
