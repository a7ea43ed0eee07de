import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { embeddings } from '../src/dialects/openai-endpoints.ts'

// https://github.com/mozilla-ai/llamafile
export const llamafile = defineProvider({
  id: 'llamafile',
  name: 'llamafile',
  dialect: openaiChat,
  also: [embeddings],
  apiKeyEnv: 'LLAMAFILE_API_KEY',
  credential: 'none',
})
