import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { embeddings, reranking, speech, transcriptions } from '../src/dialects/openai-endpoints.ts'

// https://docs.siliconflow.com/en/api-reference/chat-completions/chat-completions
export const siliconflow = defineProvider({
  id: 'siliconflow',
  name: 'SiliconFlow',
  baseUrl: 'https://api.siliconflow.com/v1',
  dialect: openaiChat,
  also: [embeddings, reranking, speech, transcriptions],
  apiKeyEnv: 'SILICONFLOW_API_KEY',
  regions: { cn: 'https://api.siliconflow.cn/v1' },
  quirks: { thinkingFormat: 'enable_thinking', thinkingTokenBudgetField: 'thinking_budget' },
  probePath: '/models',
})
