import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { embeddings, moderations, transcriptions } from '../src/dialects/openai-endpoints.ts'

// https://docs.mistral.ai/api
export const mistral = defineProvider({
  id: 'mistral',
  name: 'Mistral',
  baseUrl: 'https://api.mistral.ai/v1',
  dialect: openaiChat,
  also: [embeddings, moderations, transcriptions],
  apiKeyEnv: 'MISTRAL_API_KEY',
  // It tells usage in the last chunk unasked, and answers 422 to fields it does not know.
  quirks: { maxTokensField: 'max_tokens', unsupportedParams: ['logit_bias', 'seed', 'store', 'user'], usageInStreaming: false },
  probePath: '/models',
})
