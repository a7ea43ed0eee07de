import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://cloud.tencent.com/document/product/1823/130079
export const tencentTokenhub = defineProvider({
  id: 'tencent-tokenhub',
  name: 'Tencent TokenHub',
  baseUrl: 'https://tokenhub.tencentmaas.com/v1',
  dialect: openaiChat,
  apiKeyEnv: 'TENCENT_TOKENHUB_API_KEY',
  vendor: 'tencent',
  quirks: { thinkingFormat: 'thinking.type+reasoning_effort' },
})
