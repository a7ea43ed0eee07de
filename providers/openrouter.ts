import { defineProvider } from '../src/contract/define.ts'
import { anthropicMessages } from '../src/dialects/anthropic-messages.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { openaiCompletions } from '../src/dialects/openai-completions.ts'
import { embeddings, reranking, speech } from '../src/dialects/openai-endpoints.ts'
import { openaiResponses } from '../src/dialects/openai-responses.ts'

// https://openrouter.ai/docs/api-reference/overview
export const openrouter = defineProvider({
  id: 'openrouter',
  name: 'OpenRouter',
  baseUrl: 'https://openrouter.ai/api/v1',
  dialect: openaiChat,
  also: [
    { dialect: openaiResponses, onlyWhenAsked: true },
    { dialect: anthropicMessages },
    { dialect: openaiCompletions },
    embeddings,
    reranking,
    speech,
  ],
  apiKeyEnv: 'OPENROUTER_API_KEY',
  envAliases: ['OR_API_KEY'],
  quirks: { errorIn200: 'error', thinkingFormat: 'reasoning.effort', supportsCacheControl: true, supportsReasoningDetails: true },
  keyPrefixes: ['sk-or-'],
  // Its /models is public and says nothing of the key.
  probePath: '/key',
})
