import { defineProvider } from '../src/contract/define.ts'
import { geminiCount } from '../src/dialects/counting.ts'
import { geminiModels } from '../src/dialects/gemini/models.ts'
import { gemini } from '../src/dialects/gemini.ts'
import { geminiEmbedding, geminiEmbeddings } from '../src/dialects/gemini-embeddings.ts'

// https://ai.google.dev/api/generate-content
export const google = defineProvider({
  id: 'google',
  name: 'Google Gemini',
  baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  dialect: gemini,
  also: [{ dialect: geminiCount }, { dialect: geminiEmbeddings }, { dialect: geminiEmbedding }],
  apiKeyEnv: 'GOOGLE_API_KEY',
  envAliases: ['GEMINI_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY'],
  modelQuirks: geminiModels,
  auth: { header: 'x-goog-api-key', prefix: '' },
  keyPrefixes: ['AIza'],
  probePath: '/models',
  badKey: [{ status: 401 }, { status: 400, code: 'API_KEY_INVALID' }],
})
