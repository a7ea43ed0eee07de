import { defineProvider } from '../src/contract/define.ts'
import { anthropicMessages } from '../src/dialects/anthropic-messages.ts'
import { anthropicCount } from '../src/dialects/counting.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { openaiCompletions } from '../src/dialects/openai-completions.ts'
import { embeddings } from '../src/dialects/openai-endpoints.ts'
import { openaiResponses } from '../src/dialects/openai-responses.ts'

// https://github.com/ggml-org/llama.cpp/tree/master/tools/server
export const llamacpp = defineProvider({
  id: 'llamacpp',
  name: 'llama.cpp',
  dialect: openaiChat,
  also: [
    { dialect: openaiResponses },
    { dialect: anthropicMessages },
    { dialect: anthropicCount },
    { dialect: openaiCompletions },
    embeddings,
  ],
  apiKeyEnv: 'LLAMACPP_API_KEY',
  credential: 'none',
  quirks: { thinkingTokenBudgetField: 'thinking_budget_tokens' },
})
