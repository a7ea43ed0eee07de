import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { embeddings, moderations, transcriptions } from '../src/dialects/openai-endpoints.ts'
import { mistralChat } from './mistral/chat.ts'

// https://docs.mistral.ai/api
export const mistral = defineProvider({
  id: 'mistral',
  name: 'Mistral',
  baseUrl: 'https://api.mistral.ai/v1',
  dialect: openaiChat,
  also: [{ dialect: mistralChat }, embeddings, moderations, transcriptions],
  apiKeyEnv: 'MISTRAL_API_KEY',
  // It tells usage in the last chunk unasked, and answers 422 to fields it does not know.
  quirks: {
    billsAbandoned: true,
    maxTokensField: 'max_tokens',
    seedField: 'random_seed',
    unsupportedParams: ['logit_bias', 'store', 'user'],
    usageInStreaming: false,
    supportsDeveloperRole: false,
    thinkingInContent: true,
    callIdLength: 9,
    prefixesAnswer: true,
  },
  // https://docs.mistral.ai/capabilities/reasoning
  modelQuirks: [
    {
      models: ['mistral-small-*', 'mistral-medium-*'],
      quirks: { reasoningEfforts: { minimal: 'none', low: 'high', medium: 'high', xhigh: 'high', max: 'high' } },
    },
    { models: ['mistral-large-4*'], quirks: { reasoningEfforts: { none: 'low', minimal: 'low', xhigh: 'high', max: 'high' } } },
    { models: ['magistral-*'], quirks: { thinkingFormat: 'prompt_mode' } },
  ],
  probePath: '/models',
})
