import type { StreamEnding, UpstreamDialect } from '../../src/contract/dialect.ts'
import { isRefusal } from '../../src/dialects/refusal.ts'
import { decodeFailure } from './failure.ts'
import { events } from './framing.ts'
import { lostOn } from './own.ts'
import { params } from './params.ts'
import { encodeRequest, modelIn, path } from './request.ts'
import { decodeResponse } from './response.ts'
import { decodeStream } from './stream.ts'
import { readUsage } from './usage.ts'

const ending: StreamEnding = {
  // Usage comes last.
  isTerminal: ({ event }) => event === 'metadata',
  isFinish: ({ event }) => event === 'messageStop',
}

/** What all chat models on Bedrock answer in: https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference.html */
export const bedrockConverse = {
  id: 'bedrock-converse',
  path,
  modelIn,
  params,
  lostOn: ({ model }) => lostOn(model),
  encodeRequest,
  decodeResponse,
  decodeStream,
  decodeError: decodeFailure,
  isRefusal,
  readUsage,
  framing: events,
  ending,
  edits: { model: false, usage: false, maxTokens: false },
} satisfies UpstreamDialect
