import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://inference-docs.cerebras.ai/api-reference/chat-completions
export const cerebras = defineProvider({
  id: 'cerebras',
  name: 'Cerebras',
  baseUrl: 'https://api.cerebras.ai/v1',
  dialect: openaiChat,
  apiKeyEnv: 'CEREBRAS_API_KEY',
  // A field it does not know is answered with 422 `wrong_api_format`.
  quirks: { maxTokensField: 'max_completion_tokens', unsupportedParams: ['store'], supportsDeveloperRole: false },
  keyPrefixes: ['csk-'],
  probePath: '/models',
})
