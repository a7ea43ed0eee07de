import { defineProvider } from '../src/contract/define.ts'
import { anthropicMessages } from '../src/dialects/anthropic-messages.ts'
import { ollamaChat } from '../src/dialects/ollama-chat.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { openaiCompletions } from '../src/dialects/openai-completions.ts'
import { openaiResponses } from '../src/dialects/openai-responses.ts'

// https://docs.ollama.com/cloud
export const ollamaCloud = defineProvider({
  id: 'ollama-cloud',
  name: 'Ollama Cloud',
  baseUrl: 'https://ollama.com/v1',
  dialect: ollamaChat,
  basePath: '../api',
  also: [{ dialect: openaiChat }, { dialect: openaiResponses }, { dialect: anthropicMessages }, { dialect: openaiCompletions }],
  // Only these take a level; all others think or do not. https://docs.ollama.com/capabilities/thinking
  modelQuirks: [{ models: ['gpt-oss*'], quirks: { thinkingBy: 'effort' } }],
  apiKeyEnv: 'OLLAMA_API_KEY',
  vendor: 'ollama',
})
