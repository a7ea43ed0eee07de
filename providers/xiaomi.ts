import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://platform.xiaomimimo.com/docs
export const xiaomi = defineProvider({
  id: 'xiaomi',
  name: 'Xiaomi MiMo',
  baseUrl: 'https://api.xiaomimimo.com/v1',
  dialect: openaiChat,
  apiKeyEnv: 'XIAOMI_API_KEY',
  envAliases: ['XIAOMI_MIMO_API_KEY'],
  quirks: { thinkingFormat: 'thinking.type', requiresReasoningContent: true },
})
