import type { Glance, IngressDialect, StreamEnding, UpstreamDialect } from '../contract/dialect.ts'
import { readFailure } from './failure.ts'
import { encodeError, encodeStreamError } from './openai-chat/errors.ts'
import { lostOn } from './openai-chat/lacks.ts'
import { onlyWith, upstreamParams } from './openai-chat/params.ts'
import { decodeRequest, encodeRequest } from './openai-chat/request.ts'
import { decodeResponse } from './openai-chat/response.ts'
import { decodeStream, encodeStream } from './openai-chat/stream.ts'
import { readUsage } from './openai-chat/usage.ts'
import { isRefusal } from './refusal.ts'

const FINISH = /"finish_reason"\s*:\s*"[^"]/

const ending: StreamEnding = {
  isTerminal: (event) => event.data === '[DONE]',
  isFinish: (event) => FINISH.test(event.data),
  marks: [/\[DONE\]/g, new RegExp(FINISH, 'g')],
}

const glance: Glance = {
  content: 'messages',
  attachments: { image_url: () => 'vision', input_audio: () => 'audio', file: () => 'files' },
  read: (top) => ({
    model: top.text('model'),
    stream: top.flag('stream'),
    maxOutput: top.count('max_completion_tokens') ?? top.count('max_tokens'),
    choices: top.count('n'),
    tools: top.filled('tools'),
    jsonSchema: top.object('response_format')?.['type'] === 'json_schema',
    user: top.text('user') ?? top.text('safety_identifier'),
    streamOptions: top.object('stream_options'),
  }),
}

/** OpenAI's chat completions: the hub's own format, so translation only evens out how providers depart from it. */
export const openaiChat = {
  id: 'openai-chat',
  path: () => '/chat/completions',
  // As Azure has it, where the deployment is the model.
  modelIn: (path) => /(?:^|\/)deployments\/([^/]+)\//.exec(path)?.[1],
  headers: ['openai-beta'],
  params: upstreamParams,
  unlisted: 'mapped',
  onlyWith,
  lostOn,
  encodeRequest,
  decodeResponse,
  decodeStream,
  decodeError: readFailure,
  isRefusal,
  readUsage,
  ending,
  edits: { model: true, usage: true, maxTokens: true },
  glance,
  decodeRequest,
  encodeResponse: (chat) => chat,
  encodeStream,
  encodeError,
  encodeStreamError,
} satisfies UpstreamDialect & IngressDialect
