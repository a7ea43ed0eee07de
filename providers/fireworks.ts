import { defineProvider } from '../src/contract/define.ts'
import { anthropicMessages } from '../src/dialects/anthropic-messages.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { openaiCompletions } from '../src/dialects/openai-completions.ts'
import { embeddings } from '../src/dialects/openai-endpoints.ts'
import { openaiResponses } from '../src/dialects/openai-responses.ts'

// https://docs.fireworks.ai/api-reference/post-chatcompletions
export const fireworks = defineProvider({
  id: 'fireworks',
  name: 'Fireworks AI',
  baseUrl: 'https://api.fireworks.ai/inference/v1',
  dialect: openaiChat,
  also: [{ dialect: openaiResponses }, { dialect: anthropicMessages }, { dialect: openaiCompletions }, embeddings],
  apiKeyEnv: 'FIREWORKS_API_KEY',
  envAliases: ['FIREWORKS_AI_API_KEY', 'FIREWORKSAI_API_KEY'],
  quirks: { supportsDeveloperRole: false, reasoningEfforts: { minimal: 'low', xhigh: 'high', max: 'high' } },
  keyPrefixes: ['fw_'],
  probePath: '/models',
})
