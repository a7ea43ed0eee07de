import { defineProvider } from '../src/contract/define.ts'
import { openaiChat } from '../src/dialects/openai-chat.ts'
import { openaiResponses } from '../src/dialects/openai-responses.ts'
import { awsCredentials } from '../src/wire/aws.ts'
import { anthropicOnBedrock } from './bedrock/anthropic.ts'
import { bedrockConverse } from './bedrock/converse.ts'
import { cohereEmbeddingsOnBedrock, titanEmbeddings } from './bedrock/embeddings.ts'
import { modelsBut, modelsOf } from './bedrock/models.ts'
import { bedrockRerank } from './bedrock/rerank.ts'

/** OpenAI's open models converse as all others do; the others answer in Responses alone. */
const CLOSED = modelsOf('openai', 'gpt-(?!oss)')

// Nearly every chat model answers in Converse, whatever its vendor's own words are; clients that speak those have them passed as they are.
// https://docs.aws.amazon.com/bedrock/latest/userguide/endpoints.html
export const bedrock = defineProvider({
  id: 'bedrock',
  name: 'Amazon Bedrock',
  baseUrl: 'https://bedrock-runtime.{region}.amazonaws.com',
  vendor: 'aws',
  dialect: bedrockConverse,
  models: modelsBut(CLOSED),
  also: [
    { dialect: anthropicOnBedrock, models: modelsOf('anthropic'), onlyWhenAsked: true },
    { dialect: openaiChat, basePath: 'openai/v1', models: modelsOf('openai', 'gpt-oss'), onlyWhenAsked: true },
    { dialect: openaiResponses, basePath: 'openai/v1', models: CLOSED },
    { dialect: titanEmbeddings, models: modelsOf('amazon') },
    { dialect: cohereEmbeddingsOnBedrock, models: modelsOf('cohere') },
    { dialect: bedrockRerank },
  ],
  apiKeyEnv: 'AWS_BEARER_TOKEN_BEDROCK',
  credentials: awsCredentials('bedrock'),
  keyPrefixes: ['ABSK', 'bedrock-api-key-'],
  // Counting is free.
  probePath: '/model/anthropic.claude-haiku-4-5-20251001-v1:0/count-tokens',
  probeBody: { input: { converse: { messages: [{ role: 'user', content: [{ text: 'Hi' }] }] } } },
  badKey: [
    { status: 401 },
    { status: 403, code: 'ExpiredTokenException' },
    { status: 403, code: 'UnrecognizedClientException' },
    { status: 403, message: 'Authentication failed: Please make sure your API Key is valid' },
    { status: 403, message: 'Bearer Token has expired' },
    // A clock that is wrong has the same code and other words.
    { status: 403, message: 'The request signature we calculated does not match' },
  ],
  quirks: { billsAbandoned: true },
})
