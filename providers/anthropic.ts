import { defineProvider } from '../src/contract/define.ts'
import { claudeModels } from '../src/dialects/anthropic-messages/models.ts'
import { anthropicMessages } from '../src/dialects/anthropic-messages.ts'
import { anthropicCount } from '../src/dialects/counting.ts'
import { anthropicBilling } from './anthropic/billing.ts'

// https://platform.claude.com/docs/en/api/messages
export const anthropic = defineProvider({
  id: 'anthropic',
  name: 'Anthropic',
  baseUrl: 'https://api.anthropic.com',
  dialect: anthropicMessages,
  also: [{ dialect: anthropicCount }],
  apiKeyEnv: 'ANTHROPIC_API_KEY',
  auth: { header: 'x-api-key', prefix: '' },
  // 2026-10-21 takes no temperature, top_p or top_k; this one does.
  headers: { 'anthropic-version': '2023-06-01' },
  modelQuirks: claudeModels,
  keyPrefixes: ['sk-ant-'],
  billing: anthropicBilling,
  probePath: '/v1/models',
})
