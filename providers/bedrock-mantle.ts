import { defineProvider } from '../src/contract/define.ts'
import { anthropicMessages } from '../src/dialects/anthropic-messages.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { openaiResponses } from '../src/dialects/openai-responses.ts'
import { awsCredentials } from '../src/wire/aws.ts'

// Bedrock's second door, with models and names of its own. https://docs.aws.amazon.com/bedrock/latest/userguide/bedrock-mantle.html
export const bedrockMantle = defineProvider({
  id: 'bedrock-mantle',
  name: 'Amazon Bedrock (Mantle)',
  baseUrl: 'https://bedrock-mantle.{region}.api.aws/v1',
  vendor: 'aws',
  dialect: openaiChat,
  also: [
    { dialect: openaiResponses },
    // Here Claude speaks its own language alone, and to who speaks it; at the other door it speaks to all.
    {
      ...{ dialect: anthropicMessages, basePath: '../anthropic', models: /^anthropic\./, onlyWhenAsked: true },
      headers: { 'anthropic-version': '2023-06-01' },
    },
  ],
  apiKeyEnv: 'AWS_BEARER_TOKEN_BEDROCK',
  credentials: awsCredentials('bedrock-mantle'),
  keyPrefixes: ['ABSK', 'bedrock-api-key-'],
  probePath: '/models',
})
