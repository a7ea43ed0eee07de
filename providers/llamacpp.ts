import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://github.com/ggml-org/llama.cpp/tree/master/tools/server
export const llamacpp = defineProvider({
  id: 'llamacpp',
  name: 'llama.cpp',
  dialect: openaiChat,
  apiKeyEnv: 'LLAMACPP_API_KEY',
  credential: 'none',
  quirks: { thinkingTokenBudgetField: 'thinking_budget_tokens' },
})
