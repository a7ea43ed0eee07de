import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://huggingface.co/docs/text-generation-inference/messages_api
export const tgi = defineProvider({
  id: 'tgi',
  name: 'Text Generation Inference',
  dialect: openaiChat,
  apiKeyEnv: 'TGI_API_KEY',
  credential: 'none',
})
