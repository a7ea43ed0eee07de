import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://opencode.ai/docs/zen
export const opencodeZen = defineProvider({
  id: 'opencode-zen',
  name: 'OpenCode Zen',
  baseUrl: 'https://opencode.ai/zen/v1',
  dialect: openaiChat,
  apiKeyEnv: 'OPENCODE_API_KEY',
})
