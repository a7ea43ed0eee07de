import type { Glance, IngressDialect, StreamEnding, UpstreamDialect } from '../../src/contract/dialect.ts'
import { encodeResponse } from './client-answer.ts'
import { encodeError, encodeStreamError, isOwnError } from './client-errors.ts'
import { decodeRequest } from './client-request.ts'
import { encodeStream } from './client-stream.ts'
import { readCohereFailure } from './finish.ts'
import { params } from './params.ts'
import { encodeRequest } from './request.ts'
import { decodeResponse } from './response.ts'
import { DONE, decodeStream } from './stream.ts'
import { readUsage } from './usage.ts'

const FINISH = /"finish_reason"\s*:\s*"[^"]/

const ending: StreamEnding = {
  isTerminal: ({ data }) => data === DONE,
  isFinish: ({ event, data }) => (event === undefined || event === 'message-end') && FINISH.test(data),
}

const glance: Glance = {
  content: 'messages',
  attachments: { image_url: () => 'vision' },
  read(top) {
    const format = top.object('response_format') ?? {}
    return {
      model: top.text('model'),
      stream: top.flag('stream'),
      maxOutput: top.count('max_tokens'),
      tools: top.filled('tools'),
      jsonSchema: (format['json_schema'] ?? format['schema'] ?? undefined) !== undefined,
      user: undefined,
    }
  },
}

/** Cohere's chat, version 2: https://docs.cohere.com/reference/chat */
export const cohereChat = {
  id: 'cohere-chat',
  path: () => '/chat',
  params,
  encodeRequest,
  decodeResponse,
  decodeStream,
  decodeError: readCohereFailure,
  isOwnError,
  readUsage,
  ending,
  edits: { model: true, usage: false, maxTokens: false },
  glance,
  decodeRequest,
  encodeResponse,
  encodeStream,
  encodeError,
  encodeStreamError,
} satisfies UpstreamDialect & IngressDialect
