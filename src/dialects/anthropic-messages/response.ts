import type { ChatMessage, ChatResponse, ChatToolCall, FinishReason, ReasoningDetail } from '../../contract/chat.ts'
import type { DecodeContext } from '../../contract/dialect.ts'
import { encodeUsage } from '../chat-usage.ts'
import { failed } from '../failure.ts'
import { entryOf, type Fields, fields, text, word } from '../fields.ts'
import { decodeThought } from './thoughts.ts'
import { readUsage } from './usage.ts'

export function decodeResponse(body: unknown, context: DecodeContext): ChatResponse {
  const answer = fields(body)
  if (!Array.isArray(answer.content)) throw failed(body)
  const message = decodeContent(answer.content.map(fields))
  return {
    id: word(answer.id) ?? context.requestId,
    object: 'chat.completion',
    created: context.created,
    model: word(answer.model) ?? context.model,
    choices: [
      {
        index: 0,
        message: { ...message, ...refusalOf(answer) },
        finish_reason: readFinish(answer.stop_reason),
        native_finish_reason: word(answer.stop_reason),
        logprobs: null,
      },
    ],
    usage: encodeUsage(readUsage(body)),
  }
}

/** Blocks of tools that run at the provider are its own affair: the client neither asked for them nor can answer them. */
function decodeContent(blocks: readonly Fields[]): ChatMessage {
  const said = blocks.filter(({ type }) => type === 'text').map((block) => text(block.text) ?? '')
  const thought = blocks.filter(({ type }) => type === 'thinking').map((block) => text(block.thinking) ?? '')
  const calls = blocks.filter(({ type }) => type === 'tool_use').map(decodeCall)
  const details: ReasoningDetail[] = []
  for (const [place, block] of blocks.entries()) {
    const detail = decodeThought(block, details.length, place)
    if (detail !== undefined) details.push(detail)
  }
  return {
    role: 'assistant',
    content: said.length > 0 ? said.join('') : null,
    ...(word(thought.join('')) === undefined ? {} : { reasoning_content: thought.join('') }),
    ...(details.length > 0 ? { reasoning_details: details } : {}),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  }
}

function decodeCall({ id, name, input }: Fields): ChatToolCall {
  return { id: text(id) ?? '', type: 'function', function: { name: text(name) ?? '', arguments: JSON.stringify(input ?? {}) } }
}

/** Why the model declined, where the provider says so in words. */
export function refusalOf(answer: Fields): { refusal?: string } {
  const explanation = word(fields(answer.stop_details).explanation)
  return answer.stop_reason === 'refusal' && explanation !== undefined ? { refusal: explanation } : {}
}

const FINISHES: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  pause_turn: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
}

/** Whether a reason is a word of this API. */
export function isStop(reason: string): boolean {
  return Object.hasOwn(FINISHES, reason)
}

/** A reason that nobody has told us of yet still ended the answer; `native_finish_reason` names it. */
export function readFinish(stopReason: unknown): FinishReason | null {
  const native = word(stopReason)
  return native === undefined ? null : (entryOf(FINISHES, native) ?? 'stop')
}
