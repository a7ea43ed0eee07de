import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { openaiCompletions } from '../src/dialects/openai-completions.ts'
import { embeddings, images, reranking, speech, transcriptions, translations } from '../src/dialects/openai-endpoints.ts'

// https://docs.together.ai/docs/openai-api-compatibility
export const together = defineProvider({
  id: 'together',
  name: 'Together AI',
  baseUrl: 'https://api.together.ai/v1',
  dialect: openaiChat,
  also: [{ dialect: openaiCompletions }, embeddings, images, reranking, speech, transcriptions, translations],
  apiKeyEnv: 'TOGETHER_API_KEY',
  envAliases: ['TOGETHER_AI_API_KEY', 'TOGETHERAI_API_KEY', 'TOGETHER_AI_TOKEN'],
  quirks: {
    maxTokensField: 'max_tokens',
    supportsDeveloperRole: false,
    thinkingFormat: 'reasoning.enabled',
    supportsStrictTools: false,
  },
  keyPrefixes: ['tgp_v1_'],
  probePath: '/models',
})
