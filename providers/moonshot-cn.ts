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
  probePath: '/models',
})
