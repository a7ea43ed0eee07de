import type { StreamEnding, UpstreamDialect } from '../contract/dialect.ts'
import { params } from './anthropic-messages/params.ts'
import { encodeRequest } from './anthropic-messages/request.ts'
import { decodeResponse } from './anthropic-messages/response.ts'
import { decodeStream } from './anthropic-messages/stream.ts'
import { readUsage } from './anthropic-messages/usage.ts'
import { readFailure } from './failure.ts'

const TERMINAL = /"type"\s*:\s*"message_stop"/
const FINISH = /"stop_reason"\s*:\s*"[^"]/

const ending: StreamEnding = {
  isTerminal: ({ event, data }) => (event === undefined ? TERMINAL.test(data) : event === 'message_stop'),
  isFinish: ({ event, data }) => (event === undefined || event === 'message_delta') && FINISH.test(data),
}

/** Anthropic's Messages API, version 2023-06-01: https://platform.claude.com/docs/en/api/messages */
export const anthropicMessages = {
  id: 'anthropic-messages',
  path: () => '/v1/messages',
  params,
  encodeRequest,
  decodeResponse,
  decodeStream,
  decodeError: readFailure,
  readUsage,
  ending,
  edits: { model: true, usage: false, maxTokens: false },
} satisfies UpstreamDialect
