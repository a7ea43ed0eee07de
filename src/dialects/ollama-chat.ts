import type { StreamEnding, UpstreamDialect } from '../contract/dialect.ts'
import { ndjson } from '../wire/ndjson.ts'
import { parseEvent } from './event.ts'
import { readFailure } from './failure.ts'
import { fields } from './fields.ts'
import { params } from './ollama-chat/params.ts'
import { encodeRequest } from './ollama-chat/request.ts'
import { decodeResponse } from './ollama-chat/response.ts'
import { decodeStream } from './ollama-chat/stream.ts'
import { readUsage } from './ollama-chat/usage.ts'

const DONE = /"done"\s*:\s*true/

const ending: StreamEnding = {
  // Arguments of a call stand in the same line as objects and may hold such a field too, so a line that seems to be the last is read.
  isTerminal: (event) => DONE.test(event.data) && fields(parseEvent(event)).done === true,
  isFinish: () => false,
}

/** Ollama's own chat, of which its OpenAI-like one tells a part: https://docs.ollama.com/api/chat */
export const ollamaChat = {
  id: 'ollama-chat',
  path: () => '/chat',
  params,
  encodeRequest,
  decodeResponse,
  decodeStream,
  decodeError: readFailure,
  readUsage,
  usageMark: '"eval_count"',
  framing: ndjson,
  ending,
  edits: { model: true, usage: false, maxTokens: false },
} satisfies UpstreamDialect
