import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { openaiCompletions } from '../src/dialects/openai-completions.ts'
import { embeddings, imageEdits, images, speech, transcriptions, translations } from '../src/dialects/openai-endpoints.ts'
import { openaiResponses } from '../src/dialects/openai-responses.ts'
import { azureCredentials, OPENAI_AUDIENCE } from './azure/credentials.ts'

// The wire model is the name of a deployment. https://learn.microsoft.com/azure/ai-foundry/openai/latest
export const azure = defineProvider({
  id: 'azure',
  name: 'Azure OpenAI',
  vendor: 'azure',
  baseUrl: 'https://{resource}.openai.azure.com/openai/v1',
  dialect: openaiChat,
  also: [
    { dialect: openaiResponses },
    { dialect: openaiCompletions },
    embeddings,
    images,
    imageEdits,
    speech,
    transcriptions,
    translations,
  ],
  apiKeyEnv: 'AZURE_OPENAI_API_KEY',
  envAliases: ['AZURE_API_KEY'],
  auth: { header: 'api-key', prefix: '' },
  credentials: azureCredentials(OPENAI_AUDIENCE),
  // Deployments of reasoning models refuse max_tokens, and every model takes the newer name.
  quirks: { maxTokensField: 'max_completion_tokens' },
  probePath: '/models',
})
