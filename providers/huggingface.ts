import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { embeddings } from '../src/dialects/openai-endpoints.ts'
import { openaiResponses } from '../src/dialects/openai-responses.ts'

// https://huggingface.co/docs/inference-providers
export const huggingface = defineProvider({
  id: 'huggingface',
  name: 'Hugging Face',
  baseUrl: 'https://router.huggingface.co/v1',
  dialect: openaiChat,
  also: [{ dialect: openaiResponses }, embeddings],
  apiKeyEnv: 'HF_TOKEN',
  envAliases: ['HUGGINGFACE_API_KEY', 'HUGGINGFACEHUB_API_TOKEN', 'HUGGING_FACE_HUB_TOKEN'],
  quirks: { billsAbandoned: true, supportsDeveloperRole: false },
  keyPrefixes: ['hf_'],
})
