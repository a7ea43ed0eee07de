import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { perplexityEmbeddings } from './perplexity/embeddings.ts'

// https://docs.perplexity.ai/api-reference/chat-completions-post
export const perplexity = defineProvider({
  id: 'perplexity',
  name: 'Perplexity',
  baseUrl: 'https://api.perplexity.ai',
  dialect: openaiChat,
  also: [{ dialect: perplexityEmbeddings, basePath: 'v1' }],
  apiKeyEnv: 'PERPLEXITY_API_KEY',
  envAliases: ['PPLX_API_KEY', 'PERPLEXITYAI_API_KEY'],
  quirks: { billsAbandoned: true, thinkTagsInContent: true },
  // These do not think, so what looks like a thought is a word of theirs.
  modelQuirks: [{ models: ['sonar', 'sonar-pro'], quirks: { thinkTagsInContent: false } }],
  keyPrefixes: ['pplx-'],
})
