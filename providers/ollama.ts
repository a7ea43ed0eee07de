import { defineProvider } from '../src/contract/define.ts'
import { anthropicMessages } from '../src/dialects/anthropic-messages.ts'
import { ollamaEmbeddings } from '../src/dialects/ollama-embeddings.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { openaiCompletions } from '../src/dialects/openai-completions.ts'
import { openaiResponses } from '../src/dialects/openai-responses.ts'

// https://docs.ollama.com/api/openai-compatibility
export const ollama = defineProvider({
  id: 'ollama',
  name: 'Ollama',
  dialect: openaiChat,
  also: [
    { dialect: openaiResponses },
    { dialect: anthropicMessages },
    { dialect: openaiCompletions },
    { dialect: ollamaEmbeddings, basePath: '../api' },
  ],
  apiKeyEnv: 'OLLAMA_API_KEY',
  credential: 'none',
})
