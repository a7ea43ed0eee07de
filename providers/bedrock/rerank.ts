import type { UpstreamDialect } from '../../src/contract/dialect.ts'
import type { Hub, HubRequest } from '../../src/contract/family.ts'
import { rerank } from '../../src/dialects/rerank.ts'
import { invoked } from './embeddings.ts'
import { readHeaders } from './usage.ts'

/** Cohere's shape without its model, which the path says: https://docs.aws.amazon.com/bedrock/latest/userguide/rerank.html */
export const bedrockRerank = {
  ...rerank,
  ...invoked,
  id: 'bedrock-rerank',
  encodeRequest: ({ model: _inPath, ...request }: HubRequest) => ({ ...request, api_version: 2 }),
  readUsage: readHeaders,
} satisfies UpstreamDialect<Hub>
