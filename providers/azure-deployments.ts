import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { openaiCompletions } from '../src/dialects/openai-completions.ts'
import { openaiEmbeddings } from '../src/dialects/openai-embeddings.ts'
import { openaiImages } from '../src/dialects/openai-images.ts'
import { openaiTranscriptions, openaiTranslations } from '../src/dialects/openai-listening.ts'
import { openaiSpeech } from '../src/dialects/openai-speech.ts'
import { azureCredentials, OPENAI_AUDIENCE } from './azure/credentials.ts'
import { deployed } from './azure/deployed.ts'

const { parts, ways } = azureCredentials(OPENAI_AUDIENCE)

// The API before v1, for resources and versions that need it. https://learn.microsoft.com/azure/ai-foundry/openai/reference
export const azureDeployments = defineProvider({
  id: 'azure-deployments',
  name: 'Azure OpenAI (deployments)',
  vendor: 'azure',
  baseUrl: 'https://{resource}.openai.azure.com/openai',
  dialect: deployed(openaiChat),
  also: [openaiCompletions, openaiEmbeddings, openaiImages, openaiSpeech, openaiTranscriptions, openaiTranslations].map((dialect) => ({
    dialect: deployed(dialect),
  })),
  apiKeyEnv: 'AZURE_OPENAI_API_KEY',
  envAliases: ['AZURE_API_KEY'],
  auth: { header: 'api-key', prefix: '' },
  credentials: {
    parts: {
      ...parts,
      api_version: {
        means: 'a version of the API, such as 2024-10-21',
        secret: false,
        shape: /^\d{4}-\d{2}-\d{2}(?:-preview)?$/,
        fallback: '2024-10-21',
        env: ['OPENAI_API_VERSION', 'AZURE_API_VERSION'],
      },
    },
    ways,
  },
  probePath: '/models?api-version={api_version}',
})
