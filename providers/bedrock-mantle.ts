import { defineProvider } from '../src/contract/define.ts'
import { anthropicMessages } from '../src/dialects/anthropic-messages.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { openaiResponses } from '../src/dialects/openai-responses.ts'
import { awsCredentials } from '../src/wire/aws.ts'

/** The others have places of their own, where Claude and OpenAI's closed models answer in one language each. */
const MOST = /^(?!anthropic\.|google\.|openai\.gpt-(?!oss))/

// Bedrock's second door, with models and names of its own. https://docs.aws.amazon.com/bedrock/latest/userguide/bedrock-mantle.html
export const bedrockMantle = defineProvider({
  id: 'bedrock-mantle',
  name: 'Amazon Bedrock (Mantle)',
  baseUrl: 'https://bedrock-mantle.{region}.api.aws/v1',
  vendor: 'aws',
  dialect: openaiChat,
  models: MOST,
  also: [
    { dialect: openaiResponses, models: MOST },
    { dialect: openaiResponses, basePath: '../openai/v1', models: /^openai\.gpt-(?!oss)/ },
    { dialect: openaiChat, basePath: '../openai/v1', models: /^google\./ },
    { dialect: anthropicMessages, basePath: '../anthropic', models: /^anthropic\./, headers: { 'anthropic-version': '2023-06-01' } },
  ],
  apiKeyEnv: 'AWS_BEARER_TOKEN_BEDROCK',
  credentials: awsCredentials('bedrock-mantle'),
  keyPrefixes: ['ABSK', 'bedrock-api-key-'],
  probePath: '/models',
})
