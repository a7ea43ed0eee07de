import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { embeddings, reranking, speech, transcriptions } from '../src/dialects/openai-endpoints.ts'

// https://docs.siliconflow.cn/cn/api-reference/chat-completions/chat-completions
// The China site takes its own keys.
export const siliconflowCn = defineProvider({
  id: 'siliconflow-cn',
  name: 'SiliconFlow (China)',
  baseUrl: 'https://api.siliconflow.cn/v1',
  dialect: openaiChat,
  also: [embeddings, reranking, speech, transcriptions],
  apiKeyEnv: 'SILICONFLOW_CN_API_KEY',
  vendor: 'siliconflow',
  quirks: { thinkingFormat: 'enable_thinking', thinkingTokenBudgetField: 'thinking_budget' },
  probePath: '/models',
})
