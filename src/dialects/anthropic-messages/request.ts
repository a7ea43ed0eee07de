import type { ChatRequest } from '../../contract/chat.ts'
import type { EncodeContext } from '../../contract/dialect.ts'
import { takes } from '../../contract/params.ts'
import type { Quirks } from '../../contract/quirks.ts'
import { count, fields, word } from '../fields.ts'
import { readStops } from '../stop-sequences.ts'
import { unsayable } from '../unsayable.ts'
import { encodeMessages } from './messages.ts'
import { ownOfRequest } from './own.ts'
import { encodeThinking } from './thinking.ts'
import { encodeToolChoice, encodeTools } from './tools.ts'

/** A limit is required; this is what every model takes, for those whose own the catalogue does not know. */
const MAX_TOKENS = 4096

export function encodeRequest(chat: ChatRequest, { stream, maxOutput = MAX_TOKENS, quirks }: EncodeContext): object {
  const max_tokens = count(chat.max_completion_tokens) ?? count(chat.max_tokens) ?? maxOutput
  const { thinking, effort } = encodeThinking(chat, { maxTokens: max_tokens, quirks })
  const format = encodeFormat(chat.response_format)
  const user_id = word(chat.safety_identifier) ?? word(chat.user)
  return {
    model: chat.model,
    max_tokens,
    ...encodeMessages(chat.messages),
    ...encodeTools(chat.tools),
    ...encodeToolChoice(chat),
    ...encodeSampling(chat, quirks),
    stop_sequences: readStops(chat.stop),
    thinking,
    output_config: effort === undefined && format === undefined ? undefined : { effort, format },
    cache_control: chat.cache_control,
    ...ownOfRequest(chat),
    metadata: user_id === undefined ? undefined : { user_id },
    stream: stream || undefined,
  }
}

function encodeSampling(chat: ChatRequest, quirks: Quirks): object {
  const given = ['temperature', 'top_p', 'top_k'].filter((name) => takes(quirks, name) && (chat[name] ?? null) !== null)
  return Object.fromEntries(given.map((name) => [name, chat[name]]))
}

function encodeFormat(format: unknown): object | undefined {
  const { type, json_schema } = fields(format)
  if (type === undefined || type === 'text') return undefined
  if (type !== 'json_schema')
    throw unsayable('response_format', 'this model answers in JSON by a schema only: give one with type json_schema.')
  const { schema } = fields(json_schema)
  if (schema === undefined) throw unsayable('response_format.json_schema.schema', 'is missing.')
  return { type: 'json_schema', schema }
}
