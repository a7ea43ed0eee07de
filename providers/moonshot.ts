import { defineProvider } from '../src/contract/define.ts'
import { anthropicMessages } from '../src/dialects/anthropic-messages.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://platform.kimi.ai/docs/api/chat
export const moonshot = defineProvider({
  id: 'moonshot',
  name: 'Moonshot AI',
  baseUrl: 'https://api.moonshot.ai/v1',
  dialect: openaiChat,
  also: [{ dialect: anthropicMessages, basePath: '../anthropic' }],
  apiKeyEnv: 'MOONSHOT_API_KEY',
  envAliases: ['KIMI_API_KEY', 'MOONSHOTAI_API_KEY'],
  regions: { cn: 'https://api.moonshot.cn/v1' },
  quirks: { supportsDeveloperRole: false, usageInChoice: true, requiresReasoningContent: true, supportsStrictTools: false },
  probePath: '/models',
})
