import { defineProvider } from '../src/contract/define.ts'
import { anthropicMessages } from '../src/dialects/anthropic-messages.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://platform.minimaxi.com/document
// The China site takes its own keys.
export const minimaxCn = defineProvider({
  id: 'minimax-cn',
  name: 'MiniMax (China)',
  baseUrl: 'https://api.minimaxi.com/v1',
  dialect: openaiChat,
  also: [{ dialect: anthropicMessages, basePath: '../anthropic', auth: { header: 'x-api-key', prefix: '' } }],
  apiKeyEnv: 'MINIMAX_CN_API_KEY',
  vendor: 'minimax',
  quirks: {
    billsAbandoned: true,
    errorIn200: 'base_resp',
    thinkTagsInContent: true,
    supportsDeveloperRole: false,
    temperatureRange: [0, 1],
  },
  // The two codes of `base_resp` that speak of the key.
  badKey: [{ status: 401 }, { code: '1004' }, { code: '2049' }],
})
