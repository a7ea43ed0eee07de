import { defineProvider } from '../src/contract/define.ts'
import { anthropicMessages } from '../src/dialects/anthropic-messages.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { openaiCompletions } from '../src/dialects/openai-completions.ts'
import { embeddings } from '../src/dialects/openai-endpoints.ts'
import { openaiResponses } from '../src/dialects/openai-responses.ts'

// https://lmstudio.ai/docs/developer/openai-compat
export const lmstudio = defineProvider({
  id: 'lmstudio',
  name: 'LM Studio',
  dialect: openaiChat,
  also: [{ dialect: openaiResponses }, { dialect: anthropicMessages }, { dialect: openaiCompletions }, embeddings],
  apiKeyEnv: 'LMSTUDIO_API_KEY',
  envAliases: ['LM_API_TOKEN', 'LM_STUDIO_API_KEY'],
  credential: 'none',
  quirks: { jsonModes: ['json_schema'] },
})
