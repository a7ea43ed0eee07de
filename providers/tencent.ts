import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://cloud.tencent.com/document/product/1729/111007
export const tencent = defineProvider({
  id: 'tencent',
  name: 'Tencent Hunyuan',
  baseUrl: 'https://api.hunyuan.cloud.tencent.com/v1',
  dialect: openaiChat,
  apiKeyEnv: 'TENCENT_API_KEY',
  envAliases: ['HUNYUAN_API_KEY'],
})
