import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://docs.baseten.co/development/model-apis/overview
export const baseten = defineProvider({
  id: 'baseten',
  name: 'Baseten',
  baseUrl: 'https://inference.baseten.co/v1',
  dialect: openaiChat,
  apiKeyEnv: 'BASETEN_API_KEY',
  quirks: { maxTokensField: 'max_tokens', supportsDeveloperRole: false },
  probePath: '/models',
})
