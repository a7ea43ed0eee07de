import type { IngressDialect, StreamEnding, UpstreamDialect } from '../contract/dialect.ts'
import { readFailure } from './failure.ts'
import { encodeError, encodeStreamError } from './openai-chat/errors.ts'
import { params } from './openai-chat/params.ts'
import { decodeRequest, encodeRequest } from './openai-chat/request.ts'
import { decodeResponse } from './openai-chat/response.ts'
import { decodeStream, encodeStream } from './openai-chat/stream.ts'
import { readUsage } from './openai-chat/usage.ts'

const FINISH = /"finish_reason"\s*:\s*"[^"]/

const ending: StreamEnding = {
  isTerminal: (event) => event.data === '[DONE]',
  isFinish: (event) => FINISH.test(event.data),
}

/** OpenAI's chat completions: the hub's own format, so translation only evens out how providers depart from it. */
export const openaiChat = {
  id: 'openai-chat',
  path: () => '/chat/completions',
  params,
  unlisted: 'mapped',
  encodeRequest,
  decodeResponse,
  decodeStream,
  decodeError: readFailure,
  readUsage,
  ending,
  decodeRequest,
  encodeResponse: (chat) => chat,
  encodeStream,
  encodeError,
  encodeStreamError,
} satisfies UpstreamDialect & IngressDialect
