import type { Glance, IngressDialect, StreamEnding, UpstreamDialect } from '../contract/dialect.ts'
import { encodeResponse } from './anthropic-messages/answer.ts'
import { decodeRequest } from './anthropic-messages/client-request.ts'
import { encodeStream } from './anthropic-messages/client-stream.ts'
import { encodeError, encodeStreamError } from './anthropic-messages/errors.ts'
import { params } from './anthropic-messages/params.ts'
import { encodeRequest } from './anthropic-messages/request.ts'
import { decodeResponse } from './anthropic-messages/response.ts'
import { decodeStream } from './anthropic-messages/stream.ts'
import { lostThinking } from './anthropic-messages/thinking.ts'
import { readUsage } from './anthropic-messages/usage.ts'
import { readFailure } from './failure.ts'
import { fields, text } from './fields.ts'
import { isRefusal } from './refusal.ts'

const TERMINAL = /"type"\s*:\s*"message_stop"/
const FINISH = /"stop_reason"\s*:\s*"[^"]/

const ending: StreamEnding = {
  isTerminal: ({ event, data }) => (event === undefined ? TERMINAL.test(data) : event === 'message_stop'),
  isFinish: ({ event, data }) => (event === undefined || event === 'message_delta') && FINISH.test(data),
  marks: [/message_stop/g, new RegExp(FINISH, 'g')],
}

/** The media type of a source; one that is only an address may be of any kind. */
const MEDIA_TYPE = /^[^}]*"media_type"\s*:\s*"(image\/|application\/pdf)/

const glance: Glance = {
  content: 'messages',
  attachments: {
    source(near) {
      const media = MEDIA_TYPE.exec(near)?.[1]
      return media === undefined ? undefined : media === 'image/' ? 'vision' : 'files'
    },
  },
  read: (top) => ({
    model: top.text('model'),
    stream: top.flag('stream'),
    maxOutput: top.count('max_tokens'),
    tools: top.filled('tools'),
    jsonSchema: fields(top.object('output_config')?.['format']).type === 'json_schema',
    user: text(top.object('metadata')?.['user_id']),
  }),
}

/** Anthropic's Messages API, version 2023-06-01: https://platform.claude.com/docs/en/api/messages */
export const anthropicMessages = {
  id: 'anthropic-messages',
  path: () => '/v1/messages',
  params,
  lostOn: lostThinking,
  encodeRequest,
  decodeResponse,
  decodeStream,
  decodeError: readFailure,
  isRefusal,
  readUsage,
  ending,
  headers: ['anthropic-version', 'anthropic-beta'],
  edits: { model: true, usage: false, maxTokens: false },
  glance,
  decodeRequest,
  encodeResponse,
  encodeStream,
  encodeError,
  encodeStreamError,
} satisfies UpstreamDialect & IngressDialect
