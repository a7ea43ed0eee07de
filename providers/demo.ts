import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// Answers in process, so that the first request works without a key and without a network.
export const demo = defineProvider({
  id: 'demo',
  name: 'Demo',
  dialect: openaiChat,
  apiKeyEnv: 'DEMO_API_KEY',
  credential: 'none',
  builtin: true,
})
