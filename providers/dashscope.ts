import { defineProvider } from '../src/contract/define.ts'
import { anthropicMessages } from '../src/dialects/anthropic-messages.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { embeddings } from '../src/dialects/openai-endpoints.ts'
import { openaiResponses } from '../src/dialects/openai-responses.ts'

// https://www.alibabacloud.com/help/en/model-studio/compatibility-of-openai-with-dashscope
export const dashscope = defineProvider({
  id: 'dashscope',
  name: 'Alibaba Model Studio',
  baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
  dialect: openaiChat,
  also: [
    { dialect: openaiResponses },
    { dialect: anthropicMessages, basePath: '../../apps/anthropic', auth: { header: 'x-api-key', prefix: '' } },
    embeddings,
  ],
  apiKeyEnv: 'DASHSCOPE_API_KEY',
  envAliases: ['ALIBABA_API_KEY', 'QWEN_API_KEY'],
  regions: { cn: 'https://dashscope.aliyuncs.com/compatible-mode/v1', us: 'https://dashscope-us.aliyuncs.com/compatible-mode/v1' },
  quirks: {
    billsAbandoned: true,
    supportsDeveloperRole: false,
    thinkingFormat: 'enable_thinking',
    thinkingTokenBudgetField: 'thinking_budget',
  },
})
