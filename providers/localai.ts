import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { embeddings, speech, transcriptions } from '../src/dialects/openai-endpoints.ts'

// https://localai.io
export const localai = defineProvider({
  id: 'localai',
  name: 'LocalAI',
  dialect: openaiChat,
  also: [embeddings, speech, transcriptions],
  apiKeyEnv: 'LOCALAI_API_KEY',
  credential: 'none',
})
