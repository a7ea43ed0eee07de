import { defineProvider } from '../src/contract/define.ts'
import type { ModelQuirks } from '../src/contract/quirks.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { openaiCompletions } from '../src/dialects/openai-completions.ts'
import {
  embeddings,
  imageEdits,
  images,
  imageVariations,
  moderations,
  speech,
  transcriptions,
  translations,
} from '../src/dialects/openai-endpoints.ts'
import { openaiResponses } from '../src/dialects/openai-responses.ts'
import { openaiBilling } from './openai/billing.ts'

// https://platform.openai.com/docs/guides/reasoning: later ones take a temperature where they are told not to reason.
const unsampled: ModelQuirks = {
  models: ['o1', 'o1-*', 'o3', 'o3-*', 'o4-*', 'gpt-5', 'gpt-5-*', '!gpt-5-chat-*'],
  quirks: { supportsTemperature: false },
}

// https://platform.openai.com/docs/api-reference/chat
export const openai = defineProvider({
  id: 'openai',
  name: 'OpenAI',
  baseUrl: 'https://api.openai.com/v1',
  dialect: openaiChat,
  also: [
    { dialect: openaiResponses, modelQuirks: [unsampled] },
    { dialect: openaiCompletions },
    embeddings,
    moderations,
    images,
    speech,
    transcriptions,
    translations,
    imageEdits,
    imageVariations,
  ],
  apiKeyEnv: 'OPENAI_API_KEY',
  // Reasoning models refuse max_tokens, and every model takes the newer name.
  quirks: { maxTokensField: 'max_completion_tokens' },
  modelQuirks: [
    { models: ['gpt-3.5-*', 'gpt-4*', 'chatgpt-4o-*', 'ft:gpt-3.5-*', 'ft:gpt-4*'], quirks: { maxTokensField: 'either' } },
    unsampled,
  ],
  keyPrefixes: ['sk-proj-', 'sk-svcacct-', 'sk-admin-'],
  billing: openaiBilling,
  probePath: '/models',
})
