import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { openaiCompletions } from '../src/dialects/openai-completions.ts'
import { embeddings, imageEdits, images, moderations, speech, transcriptions, translations } from '../src/dialects/openai-endpoints.ts'
import { openaiResponses } from '../src/dialects/openai-responses.ts'

// https://platform.openai.com/docs/api-reference/chat
export const openai = defineProvider({
  id: 'openai',
  name: 'OpenAI',
  baseUrl: 'https://api.openai.com/v1',
  dialect: openaiChat,
  also: [
    { dialect: openaiResponses },
    { dialect: openaiCompletions },
    embeddings,
    moderations,
    images,
    speech,
    transcriptions,
    translations,
    imageEdits,
  ],
  apiKeyEnv: 'OPENAI_API_KEY',
  // Reasoning models refuse max_tokens, and every model takes the newer name.
  quirks: { maxTokensField: 'max_completion_tokens' },
  keyPrefixes: ['sk-proj-', 'sk-svcacct-', 'sk-admin-'],
  probePath: '/models',
})
