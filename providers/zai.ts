import { defineProvider } from '../src/contract/define.ts'
import { anthropicMessages } from '../src/dialects/anthropic-messages.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { embeddings, images } from '../src/dialects/openai-endpoints.ts'

// https://docs.z.ai/api-reference/llm/chat-completion
export const zai = defineProvider({
  id: 'zai',
  name: 'Z.ai',
  baseUrl: 'https://api.z.ai/api/paas/v4',
  dialect: openaiChat,
  also: [{ dialect: anthropicMessages, basePath: '../../anthropic' }, embeddings, images],
  apiKeyEnv: 'ZAI_API_KEY',
  envAliases: ['ZHIPU_API_KEY', 'ZHIPUAI_API_KEY', 'Z_AI_API_KEY'],
  regions: { cn: 'https://open.bigmodel.cn/api/paas/v4' },
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
