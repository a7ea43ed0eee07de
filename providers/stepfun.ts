import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://platform.stepfun.com/docs/zh/api-reference/chat/chat-completion-create
export const stepfun = defineProvider({
  id: 'stepfun',
  name: 'StepFun',
  baseUrl: 'https://api.stepfun.com/v1',
  dialect: openaiChat,
  apiKeyEnv: 'STEPFUN_API_KEY',
  probePath: '/models',
})
