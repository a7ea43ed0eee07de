import type { ChatChoice, ChatMessage, ChatResponse, FinishReason, ReasoningDetail } from '../../contract/chat.ts'
import { interleave } from '../interleave.ts'
import { packDetails } from '../packed-details.ts'
import { isMark, wholeDetails } from '../reasoning-details.ts'
import { readArguments } from '../tool-arguments.ts'
import type { Block } from './block.ts'
import { encodeUsage } from './client-usage.ts'
import { isStop, readFinish } from './response.ts'
import { encodeThought, FORMAT, placeOf } from './thoughts.ts'

/** One answer as clients of this API read it; it has one candidate, so further choices are never asked for. */
export function encodeResponse({ id, model, choices, usage }: ChatResponse): object {
  const [choice] = choices
  return {
    id,
    type: 'message',
    role: 'assistant',
    model,
    content: choice === undefined ? [] : encodeContent(choice.message),
    ...encodeStop(choice),
    usage: encodeUsage(usage),
  }
}

function encodeContent(message: ChatMessage): Block[] {
  const { content, reasoning_content, reasoning_details, tool_calls = [] } = message
  const details = wholeDetails(reasoning_details)
  const own = details.filter(isOwn)
  const foreign = details.filter((detail) => !isOwn(detail) && isMark(detail))
  const plain = reasoning_content && own.length === 0 ? [{ type: 'thinking', thinking: reasoning_content, signature: '' }] : []
  const packed = foreign.length > 0 ? [{ type: 'redacted_thinking', data: packDetails(foreign) }] : []
  const words = typeof content === 'string' && content !== '' ? [{ type: 'text', text: content }] : []
  const calls = tool_calls.map((call) => ({
    type: 'tool_use',
    id: call.id,
    name: call.function.name,
    input: readArguments(call.function.arguments),
  }))
  const thoughts = own.map((detail) => ({ block: encodeThought(detail), place: placeOf(detail) }))
  return [...plain, ...packed, ...interleave(thoughts, [...words, ...calls])]
}

/** Whether this API has a block for a detail. */
export function isOwn({ type, format }: ReasoningDetail): boolean {
  return format === FORMAT ? type !== 'reasoning.summary' : !format && type === 'reasoning.text'
}

const STOPS: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  function_call: 'tool_use',
  content_filter: 'refusal',
}

type Stopped = Pick<ChatChoice, 'finish_reason' | 'native_finish_reason'> & { message?: Pick<ChatMessage, 'refusal'> }

/** Why the model stopped: its provider's own word where this API has it, too. A refusal in words is told whatever the reason. */
export function encodeStop(stopped: Stopped | undefined): object {
  const { finish_reason = null, native_finish_reason: native, message } = stopped ?? {}
  const explanation = message?.refusal || null
  const own = native !== undefined && isStop(native) && readFinish(native) === finish_reason ? native : undefined
  const reason = finish_reason === null ? null : (own ?? STOPS[finish_reason])
  const stop_reason = explanation === null ? reason : 'refusal'
  const stop_details = stop_reason === 'refusal' ? { type: 'refusal', category: null, explanation } : null
  return { stop_reason, stop_sequence: null, stop_details }
}
