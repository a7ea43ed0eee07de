import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://help.aliyun.com/zh/model-studio/token-plan
export const qwenTokenPlanCn = defineProvider({
  id: 'qwen-token-plan-cn',
  name: 'Qwen Token Plan (China)',
  baseUrl: 'https://token-plan.cn-beijing.maas.aliyuncs.com/compatible-mode/v1',
  dialect: openaiChat,
  apiKeyEnv: 'QWEN_TOKEN_PLAN_CN_API_KEY',
  vendor: 'dashscope',
  quirks: { supportsDeveloperRole: false, thinkingFormat: 'enable_thinking', thinkingTokenBudgetField: 'thinking_budget' },
})
