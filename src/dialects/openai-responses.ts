import type { Glance, IngressDialect, ProviderFailure, SseEvent, StreamEnding, UpstreamDialect } from '../contract/dialect.ts'
import { readFailure } from './failure.ts'
import { fields } from './fields.ts'
import { encodeError } from './openai-chat/errors.ts'
import { encodeResponse, encodeStream } from './openai-responses/client-answer.ts'
import { encodeStreamError } from './openai-responses/client-errors.ts'
import { decodeRequest } from './openai-responses/client-request.ts'
import { params } from './openai-responses/params.ts'
import { encodeRequest } from './openai-responses/upstream-request.ts'
import { decodeResponse } from './openai-responses/upstream-response.ts'
import { decodeStream } from './openai-responses/upstream-stream.ts'
import { readUsage } from './openai-responses/usage.ts'
import { isRefusal } from './refusal.ts'

const LAST = /"type"\s*:\s*"response\.(?:completed|incomplete)"/

/** The event that ends an answer tells why, and its usage. One that failed is told by `decodeError`. */
const isLast = ({ event, data }: SseEvent): boolean =>
  event === undefined ? LAST.test(data) : event === 'response.completed' || event === 'response.incomplete'

const ending: StreamEnding = { isTerminal: isLast, isFinish: isLast, marks: [/response\.(?:completed|incomplete)/g] }

/** Errors also come inside the answer that `response.failed` brings. */
function decodeError(body: unknown): ProviderFailure | undefined {
  const { response } = fields(body)
  return readFailure(response === undefined ? body : { error: fields(response).error })
}

const glance: Glance = {
  content: 'input',
  attachments: { image_url: () => 'vision', input_audio: () => 'audio', file_data: () => 'files', file_url: () => 'files' },
  read: (top) => ({
    model: top.text('model'),
    stream: top.flag('stream'),
    maxOutput: top.count('max_output_tokens'),
    tools: top.filled('tools'),
    jsonSchema: fields(top.object('text')?.['format']).type === 'json_schema',
    user: top.text('user') ?? top.text('safety_identifier'),
  }),
}

/** OpenAI's Responses API: https://platform.openai.com/docs/api-reference/responses */
export const openaiResponses = {
  id: 'openai-responses',
  path: () => '/responses',
  headers: ['openai-beta'],
  keeps: true,
  params,
  encodeRequest,
  decodeResponse,
  decodeStream,
  decodeError,
  isRefusal,
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
