import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'

// https://help.ovhcloud.com/csm/en-public-cloud-ai-endpoints-getting-started
export const ovhcloud = defineProvider({
  id: 'ovhcloud',
  name: 'OVHcloud AI Endpoints',
  baseUrl: 'https://oai.endpoints.kepler.ai.cloud.ovh.net/v1',
  dialect: openaiChat,
  apiKeyEnv: 'OVHCLOUD_API_KEY',
})
