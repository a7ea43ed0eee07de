import type { Glance, IngressDialect, StreamEnding, UpstreamDialect } from '../contract/dialect.ts'
import { readFailure } from './failure.ts'
import { encodeError, encodeStreamError } from './openai-chat/errors.ts'
import { readUsage } from './openai-chat/usage.ts'
import { encodeResponse, encodeStream } from './openai-completions/answer.ts'
import { params } from './openai-completions/params.ts'
import { decodeRequest, encodeRequest } from './openai-completions/request.ts'
import { decodeResponse, decodeStream } from './openai-completions/response.ts'

const FINISH = /"finish_reason"\s*:\s*"[^"]/

const ending: StreamEnding = {
  isTerminal: (event) => event.data === '[DONE]',
  isFinish: (event) => FINISH.test(event.data),
  marks: [/\[DONE\]/g, new RegExp(FINISH, 'g')],
}

const glance: Glance = {
  content: 'prompt',
  attachments: {},
  read: (top) => ({
    model: top.text('model'),
    stream: top.flag('stream'),
    maxOutput: top.count('max_tokens'),
    // All are written of which the best are given.
    choices: top.count('best_of') ?? top.count('n'),
    tools: false,
    jsonSchema: false,
    user: top.text('user'),
    streamOptions: top.object('stream_options'),
  }),
}

/** OpenAI's completions of old, which editors still ask for: https://platform.openai.com/docs/api-reference/completions */
export const openaiCompletions = {
  id: 'openai-completions',
  path: () => '/completions',
  params,
  encodeRequest,
  decodeResponse,
  decodeStream,
  decodeError: readFailure,
  readUsage,
  ending,
  edits: { model: true, usage: true, maxTokens: false },
  glance,
  decodeRequest,
  encodeResponse,
  encodeStream,
  encodeError,
  encodeStreamError,
} satisfies UpstreamDialect & IngressDialect
