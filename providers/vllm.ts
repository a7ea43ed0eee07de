import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
export const vllm = defineProvider({
  id: 'vllm',
  name: 'vLLM',
  dialect: openaiChat,
  apiKeyEnv: 'VLLM_API_KEY',
  credential: 'none',
  quirks: { thinkingFormat: 'chat_template_kwargs', thinkingTokenBudgetField: 'thinking_token_budget' },
})
