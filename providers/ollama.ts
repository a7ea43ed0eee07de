import { defineProvider } from '../src/contract/define.ts'
import { anthropicMessages } from '../src/dialects/anthropic-messages.ts'
import { ollamaChat } from '../src/dialects/ollama-chat.ts'
import { ollamaEmbeddings } from '../src/dialects/ollama-embeddings.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { openaiCompletions } from '../src/dialects/openai-completions.ts'
import { openaiResponses } from '../src/dialects/openai-responses.ts'

// https://docs.ollama.com/api. A base URL leads to its OpenAI-like face, as clients write it; its own is beside that.
export const ollama = defineProvider({
  id: 'ollama',
  name: 'Ollama',
  dialect: ollamaChat,
  basePath: '../api',
  also: [
    { dialect: openaiChat },
    { dialect: openaiResponses },
    { dialect: anthropicMessages },
    { dialect: openaiCompletions },
    { dialect: ollamaEmbeddings, basePath: '../api' },
  ],
  // Only these take a level; all others think or do not. https://docs.ollama.com/capabilities/thinking
  modelQuirks: [{ models: ['gpt-oss*'], quirks: { thinkingBy: 'effort' } }],
  apiKeyEnv: 'OLLAMA_API_KEY',
  credential: 'none',
})
