import { defineProvider } from '../src/contract/define.ts'
import { anthropicMessages } from '../src/dialects/anthropic-messages.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://www.kimi.com/code/docs/en
// Its keys are not keys of api.moonshot.ai. KIMI_API_KEY has meant either; that row belongs to moonshot.
export const kimiCoding = defineProvider({
  id: 'kimi-coding',
  name: 'Kimi For Coding',
  baseUrl: 'https://api.kimi.com/coding/v1',
  dialect: openaiChat,
  also: [{ dialect: anthropicMessages, auth: { header: 'x-api-key', prefix: '' } }],
  apiKeyEnv: 'KIMI_CODING_API_KEY',
  envAliases: ['KIMICODE_API_KEY'],
  vendor: 'moonshot',
  quirks: { maxTokensField: 'max_tokens', supportsDeveloperRole: false, requiresReasoningContent: true, supportsStrictTools: false },
  keyPrefixes: ['sk-kimi-'],
})
