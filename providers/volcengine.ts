import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://www.volcengine.com/docs/82379/1298459
export const volcengine = defineProvider({
  id: 'volcengine',
  name: 'Volcengine Ark',
  baseUrl: 'https://ark.cn-beijing.volces.com/api/v3',
  dialect: openaiChat,
  apiKeyEnv: 'ARK_API_KEY',
  quirks: { thinkingFormat: 'thinking.type+reasoning_effort' },
})
