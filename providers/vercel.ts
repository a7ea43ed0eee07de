import { defineProvider } from '../src/contract/define.ts'
import { anthropicMessages } from '../src/dialects/anthropic-messages.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { embeddings } from '../src/dialects/openai-endpoints.ts'
import { openaiResponses } from '../src/dialects/openai-responses.ts'

// https://vercel.com/docs/ai-gateway/openai-compat
export const vercel = defineProvider({
  id: 'vercel',
  name: 'Vercel AI Gateway',
  baseUrl: 'https://ai-gateway.vercel.sh/v1',
  dialect: openaiChat,
  also: [{ dialect: openaiResponses, onlyWhenAsked: true }, { dialect: anthropicMessages }, embeddings],
  apiKeyEnv: 'AI_GATEWAY_API_KEY',
  keyPrefixes: ['vck_'],
  // Its /models is public and says nothing of the key.
  probePath: '/credits',
})
