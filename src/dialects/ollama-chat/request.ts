import type { ChatRequest, ChatTool } from '../../contract/chat.ts'
import type { EncodeContext } from '../../contract/dialect.ts'
import { takes } from '../../contract/params.ts'
import { count, fields, word } from '../fields.ts'
import { readStops } from '../stop-sequences.ts'
import { effortOf, readThinkingAsked } from '../thinking-asked.ts'
import { told } from '../told.ts'
import { unsayable } from '../unsayable.ts'
import { encodeMessages } from './messages.ts'

/** https://docs.ollama.com/api/chat. A stream is what is answered unless it says otherwise. */
export function encodeRequest(chat: ChatRequest, { stream, reasons, quirks }: EncodeContext): object {
  const taken = Object.fromEntries(Object.entries(chat).filter(([name]) => takes(quirks, name)))
  const options = encodeOptions(taken)
  return {
    model: chat.model,
    messages: encodeMessages(chat.messages),
    stream,
    tools: encodeTools(chat),
    format: encodeFormat(chat.response_format),
    think: reasons === false ? undefined : encodeThinking(chat, quirks),
    ...(Object.keys(options).length > 0 ? { options } : {}),
    ...told({ keep_alive: taken.keep_alive, logprobs: taken.logprobs, top_logprobs: taken.top_logprobs }),
  }
}

/** A client's own `options` count less than what it says in words that every provider knows. */
function encodeOptions(chat: Readonly<Record<string, unknown>>): object {
  const { temperature, top_p, top_k, seed, frequency_penalty, presence_penalty } = chat
  const num_predict = count(chat.max_completion_tokens) ?? count(chat.max_tokens)
  const said = { temperature, top_p, top_k, seed, frequency_penalty, presence_penalty, num_predict, stop: readStops(chat.stop) }
  return { ...fields(chat.options), ...told(said) }
}

function encodeTools({ tools = [], tool_choice }: ChatRequest): object[] | undefined {
  const only = typeof tool_choice === 'object' ? word(tool_choice.function?.name) : undefined
  const offered = tools.filter(({ function: declared }) => only === undefined || declared?.name === only)
  if (offered.length === 0 || tool_choice === 'none') return undefined
  return offered.map((tool) => encodeTool(tool, `tools.${tools.indexOf(tool)}`))
}

function encodeTool({ type, function: declared }: ChatTool, at: string): object {
  if (type !== 'function' || declared === undefined)
    throw unsayable(`${at}.type`, 'only tools of type function can be translated for this model.')
  const { name, description, parameters } = declared
  return { type, function: { name, description, parameters: parameters ?? NO_PARAMETERS } }
}

const NO_PARAMETERS = { type: 'object', properties: {} }

/** A schema, or the word for any JSON. */
function encodeFormat(format: unknown): unknown {
  const { type, json_schema } = fields(format)
  if (type === undefined || type === 'text') return undefined
  if (type === 'json_object') return 'json'
  const { schema } = fields(json_schema)
  if (type !== 'json_schema' || schema === undefined) throw unsayable('response_format.json_schema.schema', 'is missing.')
  return schema
}

/** Most models think or do not; those that are asked by effort (`thinkingBy`) take a level. https://docs.ollama.com/capabilities/thinking */
function encodeThinking(chat: ChatRequest, quirks: EncodeContext['quirks']): boolean | string | undefined {
  const asked = readThinkingAsked(chat, quirks)
  if (asked === undefined) return undefined
  if (asked.off) return false
  const effort = effortOf(asked)
  return quirks.thinkingBy === 'effort' && effort !== undefined ? (LEVELS[effort] ?? effort) : true
}

const LEVELS: Readonly<Record<string, string>> = { minimal: 'low', xhigh: 'high', max: 'high' }
