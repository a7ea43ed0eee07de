import { defineProvider } from '../src/contract/define.ts'
import { anthropicMessages } from '../src/dialects/anthropic-messages.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://platform.moonshot.cn/docs/api/chat
// The China site takes its own keys.
export const moonshotCn = defineProvider({
  id: 'moonshot-cn',
  name: 'Moonshot AI (China)',
  baseUrl: 'https://api.moonshot.cn/v1',
  dialect: openaiChat,
  also: [{ dialect: anthropicMessages, basePath: '../anthropic' }],
  apiKeyEnv: 'MOONSHOT_CN_API_KEY',
  vendor: 'moonshot',
  quirks: { supportsDeveloperRole: false, usageInChoice: true, requiresReasoningContent: true, supportsStrictTools: false },
  modelQuirks: [
    // They think at a temperature of their own, and each generation is told to in another way.
    { models: ['kimi-k2-thinking*', 'kimi-k2.5*', 'kimi-k2.6*', 'kimi-k2.7-*', 'kimi-k3*'], quirks: { supportsTemperature: false } },
    { models: ['kimi-k2.5*', 'kimi-k2.6*'], quirks: { thinkingFormat: 'thinking.type' } },
    { models: ['kimi-k2-thinking*', 'kimi-k2.7-*'], quirks: { supportsReasoningEffort: false } },
    { models: ['kimi-k3*'], quirks: { reasoningEfforts: { none: 'low', minimal: 'low', medium: 'high', xhigh: 'max' } } },
  ],
  probePath: '/models',
})
