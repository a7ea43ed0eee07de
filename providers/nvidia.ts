import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { embeddings } from '../src/dialects/openai-endpoints.ts'

// https://docs.api.nvidia.com/nim/reference/llm-apis
export const nvidia = defineProvider({
  id: 'nvidia',
  name: 'NVIDIA NIM',
  baseUrl: 'https://integrate.api.nvidia.com/v1',
  dialect: openaiChat,
  also: [embeddings],
  apiKeyEnv: 'NVIDIA_API_KEY',
  envAliases: ['NVIDIA_NIM_API_KEY', 'NGC_API_KEY'],
  quirks: {
    maxTokensField: 'max_tokens',
    supportsDeveloperRole: false,
    thinkingFormat: 'chat_template_kwargs',
    supportsStrictTools: false,
  },
  keyPrefixes: ['nvapi-'],
})
