import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://www.alibabacloud.com/help/en/model-studio/token-plan
export const qwenTokenPlan = defineProvider({
  id: 'qwen-token-plan',
  name: 'Qwen Token Plan',
  baseUrl: 'https://token-plan.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1',
  dialect: openaiChat,
  apiKeyEnv: 'QWEN_TOKEN_PLAN_API_KEY',
  vendor: 'dashscope',
  quirks: { supportsDeveloperRole: false, thinkingFormat: 'enable_thinking', thinkingTokenBudgetField: 'thinking_budget' },
})
