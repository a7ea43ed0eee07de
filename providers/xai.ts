import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { imageEdits, images } from '../src/dialects/openai-endpoints.ts'
import { openaiResponses } from '../src/dialects/openai-responses.ts'

// https://docs.x.ai/docs/api-reference
export const xai = defineProvider({
  id: 'xai',
  name: 'xAI',
  baseUrl: 'https://api.x.ai/v1',
  dialect: openaiChat,
  also: [{ dialect: openaiResponses }, images, imageEdits],
  apiKeyEnv: 'XAI_API_KEY',
  envAliases: ['GROK_API_KEY'],
  quirks: { errorIn200: 'error', usageExcludesReasoning: true, supportsDeveloperRole: false },
  modelQuirks: [
    // https://docs.x.ai/docs/guides/reasoning
    {
      models: ['grok-4*', 'grok-3-mini*', 'grok-code-*', '!*-non-reasoning*'],
      quirks: { unsupportedParams: ['frequency_penalty', 'presence_penalty', 'stop'] },
    },
    {
      models: ['grok-4', 'grok-4-*', 'grok-4.20*', 'grok-code-*', 'grok-build-*', 'grok-3', 'grok-3-fast*'],
      quirks: { supportsReasoningEffort: false },
    },
  ],
  keyPrefixes: ['xai-'],
  probePath: '/models',
  // A bad key is a 400 with the code of any bad argument, so only the message tells.
  badKey: [{ status: 401 }, { status: 400, message: 'Incorrect API key provided' }],
})
