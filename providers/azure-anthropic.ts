import { defineProvider } from '../src/contract/define.ts'
import { claudeModels } from '../src/dialects/anthropic-messages/models.ts'
import { anthropicMessages } from '../src/dialects/anthropic-messages.ts'
import { anthropicCount } from '../src/dialects/counting.ts'
import { azureCredentials, FOUNDRY_AUDIENCE } from './azure/credentials.ts'

// Claude in Microsoft Foundry: https://platform.claude.com/docs/en/build-with-claude/claude-in-microsoft-foundry
export const azureAnthropic = defineProvider({
  id: 'azure-anthropic',
  name: 'Claude in Microsoft Foundry',
  vendor: 'azure',
  baseUrl: 'https://{resource}.services.ai.azure.com/anthropic',
  dialect: anthropicMessages,
  also: [{ dialect: anthropicCount }],
  modelQuirks: claudeModels,
  apiKeyEnv: 'AZURE_OPENAI_API_KEY',
  envAliases: ['AZURE_API_KEY'],
  auth: { header: 'x-api-key', prefix: '' },
  credentials: azureCredentials(FOUNDRY_AUDIENCE),
  headers: { 'anthropic-version': '2023-06-01' },
})
