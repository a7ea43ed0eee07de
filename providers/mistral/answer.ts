import type { ChatChoice, ChatMessage, ChatResponse } from '../../src/contract/chat.ts'
import { marksOf, thoughtOf } from './thoughts.ts'

export function encodeResponse({ choices, ...chat }: ChatResponse): object {
  return { ...chat, choices: choices.map(encodeChoice) }
}

function encodeChoice({ index, message, finish_reason }: ChatChoice): object {
  return { index, message: encodeMessage(message), finish_reason }
}

/** Plain words stay the string that they are. */
function encodeMessage({ role, content, refusal, reasoning_content, reasoning_details, tool_calls }: ChatMessage): object {
  const words = typeof content === 'string' ? content : (refusal ?? '')
  const thoughts = [...(reasoning_content ? [thoughtOf(reasoning_content)] : []), ...marksOf(reasoning_details)]
  const parts = [...thoughts, ...(words === '' ? [] : [{ type: 'text', text: words }])]
  return { role, content: thoughts.length > 0 ? parts : words, tool_calls: tool_calls ?? null }
}
