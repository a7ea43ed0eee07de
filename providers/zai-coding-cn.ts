import { defineProvider } from '../src/contract/define.ts'
import { anthropicMessages } from '../src/dialects/anthropic-messages.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://docs.bigmodel.cn/cn/coding-plan/overview
export const zaiCodingCn = defineProvider({
  id: 'zai-coding-cn',
  name: 'Z.ai Coding Plan (China)',
  baseUrl: 'https://open.bigmodel.cn/api/coding/paas/v4',
  dialect: openaiChat,
  also: [{ dialect: anthropicMessages, basePath: '../../../anthropic' }],
  apiKeyEnv: 'ZAI_CODING_CN_API_KEY',
  vendor: 'zai',
  quirks: {
    maxTokensField: 'max_tokens',
    supportsDeveloperRole: false,
    thinkingFormat: 'thinking.type',
    temperatureRange: [0, 1],
    toolChoiceModes: ['auto'],
  },
  modelQuirks: [
    {
      models: ['glm-5.2*'],
      quirks: {
        thinkingFormat: 'thinking.type+reasoning_effort',
        reasoningEfforts: { minimal: 'high', low: 'high', medium: 'high', xhigh: 'max' },
      },
    },
    {
      models: ['glm-5.3*'],
      quirks: { thinkingFormat: 'thinking.type+reasoning_effort', reasoningEfforts: { minimal: 'low', medium: 'high', xhigh: 'max' } },
    },
  ],
})
