import type { ChatRequest, ChatTool } from '../../src/contract/chat.ts'
import type { EncodeContext } from '../../src/contract/dialect.ts'
import { takes } from '../../src/contract/params.ts'
import { count, fields, list, word } from '../../src/dialects/fields.ts'
import { cohereParams } from '../../src/dialects/foreign-params.ts'
import { readStops } from '../../src/dialects/stop-sequences.ts'
import { budgetOf, readThinkingAsked } from '../../src/dialects/thinking-asked.ts'
import { unsayable } from '../../src/dialects/unsayable.ts'
import { encodeMessages } from './messages.ts'

/** https://docs.cohere.com/reference/chat */
export function encodeRequest(chat: ChatRequest, { stream, reasons, quirks }: EncodeContext): object {
  const taken = Object.fromEntries(Object.entries(chat).filter(([name]) => takes(quirks, name)))
  const { temperature, top_p: p, top_k: k, frequency_penalty, presence_penalty, seed, logprobs } = taken
  return {
    model: chat.model,
    messages: encodeMessages(chat.messages),
    stream,
    ...encodeTools(chat),
    max_tokens: count(taken.max_completion_tokens) ?? count(taken.max_tokens),
    stop_sequences: readStops(taken.stop),
    ...{ temperature, p, k, frequency_penalty, presence_penalty, seed, logprobs },
    response_format: encodeFormat(chat.response_format),
    thinking: reasons === false ? undefined : encodeThinking(chat, quirks),
    ...Object.fromEntries(OWN.map((name) => [name, taken[name]])),
  }
}

/** What only this API has words for travels through the hub under its own name. */
const OWN = Object.keys(cohereParams).filter((name) => !name.includes('.'))

/** A tool cannot be chosen by name, so one that is chosen is the only one there is. */
function encodeTools({ tools = [], tool_choice }: ChatRequest): object {
  const { required, names } = choiceOf(tool_choice)
  const offered = tools.filter(({ function: declared }) => names === undefined || names.includes(declared?.name ?? ''))
  if (offered.length === 0) return {}
  const strict = offered.some((tool) => tool.function?.strict === true)
  return {
    tools: offered.map((tool) => encodeTool(tool, `tools.${tools.indexOf(tool)}`)),
    tool_choice: tool_choice === 'none' ? 'NONE' : required ? 'REQUIRED' : undefined,
    strict_tools: strict || undefined,
  }
}

function encodeTool({ type, function: declared }: ChatTool, at: string): object {
  if (type !== 'function' || declared === undefined)
    throw unsayable(`${at}.type`, 'only tools of type function can be translated for this model.')
  const { name, description, parameters } = declared
  return { type, function: { name, description, parameters: parameters ?? NO_PARAMETERS } }
}

const NO_PARAMETERS = { type: 'object', properties: {} }

function choiceOf(choice: ChatRequest['tool_choice']): { required: boolean; names: readonly string[] | undefined } {
  if (typeof choice !== 'object') return { required: choice === 'required', names: undefined }
  const allowed = fields(choice.allowed_tools)
  const names = namesOf(choice.type === 'allowed_tools' ? allowed.tools : [choice])
  if (names.length === 0) throw unsayable('tool_choice', 'only none, auto, required or functions by name can be chosen.')
  return { required: allowed.mode !== 'auto', names }
}

function namesOf(choices: unknown): string[] {
  return list(choices).flatMap((choice) => word(fields(fields(choice).function).name) ?? [])
}

function encodeFormat(format: unknown): object | undefined {
  const { type, json_schema } = fields(format)
  if (type === undefined || type === 'text') return undefined
  if (type === 'json_object') return { type }
  const { schema } = fields(json_schema)
  if (type !== 'json_schema' || schema === undefined) throw unsayable('response_format.json_schema.schema', 'is missing.')
  return { type: 'json_object', json_schema: schema }
}

/** A budget, since there is no effort here: https://docs.cohere.com/docs/reasoning */
function encodeThinking(chat: ChatRequest, quirks: EncodeContext['quirks']): object | undefined {
  const asked = readThinkingAsked(chat, quirks)
  if (asked === undefined) return undefined
  return asked.off ? { type: 'disabled' } : { type: 'enabled', token_budget: budgetOf(asked) }
}
