import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://docs.inference.net
export const inferenceNet = defineProvider({
  id: 'inference-net',
  name: 'Inference.net',
  baseUrl: 'https://api.inference.net/v1',
  dialect: openaiChat,
  apiKeyEnv: 'INFERENCE_API_KEY',
})
