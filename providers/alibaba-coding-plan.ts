import { defineProvider } from '../src/contract/define.ts'
import { anthropicMessages } from '../src/dialects/anthropic-messages.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://www.alibabacloud.com/help/en/model-studio/coding-plan
export const alibabaCodingPlan = defineProvider({
  id: 'alibaba-coding-plan',
  name: 'Alibaba Coding Plan',
  baseUrl: 'https://coding-intl.dashscope.aliyuncs.com/v1',
  dialect: openaiChat,
  also: [{ dialect: anthropicMessages, basePath: '../apps/anthropic', auth: { header: 'x-api-key', prefix: '' } }],
  apiKeyEnv: 'ALIBABA_CODING_PLAN_API_KEY',
  vendor: 'dashscope',
  quirks: { supportsDeveloperRole: false, thinkingFormat: 'enable_thinking' },
  keyPrefixes: ['sk-sp-'],
})
