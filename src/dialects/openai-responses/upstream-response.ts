import type { ChatMessage, ChatResponse, FinishReason } from '../../contract/chat.ts'
import type { DecodeContext } from '../../contract/dialect.ts'
import { encodeUsage } from '../chat-usage.ts'
import { failed, readFailure } from '../failure.ts'
import { count, entryOf, type Fields, fields, list, word } from '../fields.ts'
import { PARAGRAPH } from './reasoning.ts'
import { countedFor, decodeItem, type Told } from './upstream-item.ts'
import { readUsage } from './usage.ts'

/** https://platform.openai.com/docs/api-reference/responses/object */
export function decodeResponse(body: unknown, context: DecodeContext): ChatResponse {
  const answer = fields(body)
  if (!Array.isArray(answer.output) || answer.status === 'failed' || readFailure(body) !== undefined) throw failed(body)
  const output = answer.output.map(fields)
  const counted = countedFor(context.request)
  const message = output.reduce<ChatMessage>((said, item) => add(said, decodeItem(item, counted)), { role: 'assistant', content: null })
  return {
    id: word(answer.id) ?? context.requestId,
    object: 'chat.completion',
    created: count(answer.created_at) ?? context.created,
    model: word(answer.model) ?? context.model,
    choices: [{ index: 0, message, ...decodeFinish(answer, counted.calls > 0), logprobs: decodeLogprobs(output) }],
    usage: encodeUsage(readUsage(body)),
    ...serviceTierOf(answer),
  }
}

function add(message: ChatMessage, told: Told): ChatMessage {
  const { content, refusal, reasoning_content: thought, ...lists } = told
  const whole = { ...message }
  if (content !== undefined) whole.content = `${message.content ?? ''}${content}`
  if (refusal !== undefined) whole.refusal = `${message.refusal ?? ''}${refusal}`
  if (thought !== undefined) whole.reasoning_content = message.reasoning_content ? message.reasoning_content + PARAGRAPH + thought : thought
  for (const [name, more] of Object.entries(lists)) whole[name] = [...list(message[name]), ...more]
  return whole
}

function decodeLogprobs(output: readonly Fields[]): object | null {
  const content = output.flatMap((item) => list(item.content).flatMap((part) => list(fields(part).logprobs)))
  return content.length > 0 ? { content, refusal: null } : null
}

export function serviceTierOf({ service_tier }: Fields): { service_tier?: string } {
  const tier = word(service_tier)
  return tier === undefined ? {} : { service_tier: tier }
}

const CUT_OFF: Readonly<Record<string, FinishReason>> = { max_output_tokens: 'length', content_filter: 'content_filter' }

/** Why an answer ended; null while it has not, and where nobody says. */
export function decodeFinish(answer: Fields, called: boolean): { finish_reason: FinishReason | null; native_finish_reason?: string } {
  const { status } = answer
  if (status === 'completed') return { finish_reason: called ? 'tool_calls' : 'stop', native_finish_reason: status }
  if (status !== 'incomplete') return { finish_reason: null }
  const reason = word(fields(answer.incomplete_details).reason)
  return reason === undefined
    ? { finish_reason: null }
    : { finish_reason: entryOf(CUT_OFF, reason) ?? 'length', native_finish_reason: reason }
}
