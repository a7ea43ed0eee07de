import { defineProvider } from '../src/contract/define.ts'
import { anthropicMessages } from '../src/dialects/anthropic-messages.ts'
import { anthropicCount } from '../src/dialects/counting.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { openaiCompletions } from '../src/dialects/openai-completions.ts'
import { embeddings, reranking, speech, transcriptions, translations } from '../src/dialects/openai-endpoints.ts'
import { openaiResponses } from '../src/dialects/openai-responses.ts'

// https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
export const vllm = defineProvider({
  id: 'vllm',
  name: 'vLLM',
  dialect: openaiChat,
  also: [
    { dialect: openaiResponses },
    { dialect: anthropicMessages },
    { dialect: anthropicCount },
    { dialect: openaiCompletions },
    embeddings,
    reranking,
    speech,
    transcriptions,
    translations,
  ],
  apiKeyEnv: 'VLLM_API_KEY',
  credential: 'none',
  quirks: { thinkingFormat: 'chat_template_kwargs', thinkingTokenBudgetField: 'thinking_token_budget' },
})
