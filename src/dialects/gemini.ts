import type { StreamEnding, UpstreamDialect } from '../contract/dialect.ts'
import { readFailure } from './failure.ts'
import { params } from './gemini/params.ts'
import { encodeRequest, path } from './gemini/request.ts'
import { decodeResponse } from './gemini/response.ts'
import { decodeStream } from './gemini/stream.ts'
import { readUsage } from './gemini/usage.ts'

const FINISH = /"(?:finishReason|blockReason)"\s*:\s*"[^"]/

const ending: StreamEnding = {
  // Nothing is sent after the last event but the end of the socket.
  isTerminal: () => false,
  isFinish: ({ data }) => FINISH.test(data),
}

/** Google's generateContent, version v1beta: https://ai.google.dev/api/generate-content */
export const gemini = {
  id: 'gemini',
  path,
  params,
  encodeRequest,
  decodeResponse,
  decodeStream,
  decodeError: readFailure,
  readUsage,
  ending,
  edits: { model: false, usage: false, maxTokens: false },
} satisfies UpstreamDialect
