import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { embeddings, images, speech, transcriptions, translations } from '../src/dialects/openai-endpoints.ts'

// https://deepinfra.com/docs/openai_api
export const deepinfra = defineProvider({
  id: 'deepinfra',
  name: 'DeepInfra',
  baseUrl: 'https://api.deepinfra.com/v1/openai',
  dialect: openaiChat,
  also: [embeddings, images, speech, transcriptions, translations],
  apiKeyEnv: 'DEEPINFRA_API_KEY',
  envAliases: ['DEEPINFRA_API_TOKEN', 'DEEPINFRA_TOKEN'],
})
