import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://docs.mistral.ai/capabilities/code_generation
// Keys of this host are not keys of api.mistral.ai, so it is a key group of its own.
export const codestral = defineProvider({
  id: 'codestral',
  name: 'Codestral',
  baseUrl: 'https://codestral.mistral.ai/v1',
  dialect: openaiChat,
  apiKeyEnv: 'CODESTRAL_API_KEY',
  vendor: 'mistral',
  quirks: {
    maxTokensField: 'max_tokens',
    seedField: 'random_seed',
    unsupportedParams: ['logit_bias', 'store', 'user'],
    usageInStreaming: false,
    supportsDeveloperRole: false,
    callIdLength: 9,
    prefixesAnswer: true,
  },
})
