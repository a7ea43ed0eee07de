import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { embeddings } from '../src/dialects/openai-endpoints.ts'

// https://docs.sglang.ai/basic_usage/openai_api.html
export const sglang = defineProvider({
  id: 'sglang',
  name: 'SGLang',
  dialect: openaiChat,
  also: [embeddings],
  apiKeyEnv: 'SGLANG_API_KEY',
  credential: 'none',
  quirks: { thinkingFormat: 'chat_template_kwargs', thinkingTokenBudgetField: 'thinking_budget' },
})
