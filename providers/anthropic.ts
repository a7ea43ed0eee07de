import { defineProvider } from '../src/contract/define.ts'
import { anthropicMessages } from '../src/dialects/anthropic-messages.ts'
import { anthropicCount } from '../src/dialects/counting.ts'

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
  modelQuirks: [
    // Those before 4.6 think by a budget: https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking
    {
      models: ['claude-3-*', 'claude-*-4', 'claude-*-4-0', 'claude-*-4-2025*', 'claude-opus-4-1', 'claude-opus-4-1-*', 'claude-*-4-5*'],
      quirks: { thinkingBy: 'budget' },
    },
    {
      models: ['claude-opus-4-7*', 'claude-opus-4-8*', 'claude-opus-5*', 'claude-sonnet-5*', 'claude-haiku-5*'],
      quirks: { supportsTemperature: false },
    },
  ],
  keyPrefixes: ['sk-ant-'],
  probePath: '/v1/models',
})
