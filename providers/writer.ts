import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://dev.writer.com/api-reference/completion-api/chat-completion
export const writer = defineProvider({
  id: 'writer',
  name: 'Writer',
  baseUrl: 'https://api.writer.com/v1',
  dialect: openaiChat,
  apiKeyEnv: 'WRITER_API_KEY',
  probePath: '/models',
})
