import { createHash } from 'node:crypto'
import type { ChatMessage, ChatToolCall } from '../../contract/chat.ts'
import type { Quirks } from '../../contract/quirks.ts'
import { partsOf } from '../conversation.ts'
import { mediaShownByUser } from './tool-media.ts'

/** The same messages as this provider wants them. */
export function encodeMessages(messages: readonly ChatMessage[], quirks: Quirks): object[] {
  const shown = mediaShownByUser(messages).map((message) => withCallIds(message, quirks))
  return shown.map((message, index) => ({
    ...encodeMessage(message, quirks),
    ...(quirks.prefixesAnswer && index === shown.length - 1 && isBegun(message) ? { prefix: true } : {}),
  }))
}

function encodeMessage(message: ChatMessage, quirks: Quirks): object {
  if (message.role === 'developer' && quirks.supportsDeveloperRole === false) return { ...message, role: 'system' }
  if (message.role !== 'assistant') return message
  if (quirks.thinkingInContent) return withThoughts(message)
  const owed: Partial<ChatMessage> = {}
  if (quirks.requiresNonNullAssistantContent) owed.content = message.content ?? ''
  if (quirks.requiresReasoningContent && message.tool_calls?.length) owed.reasoning_content = message.reasoning_content ?? ''
  return { ...message, ...owed }
}

const isBegun = ({ role, tool_calls = [] }: ChatMessage): boolean => role === 'assistant' && tool_calls.length === 0

/** Thoughts as the first part of what was said. */
function withThoughts({ reasoning_content: thought, ...message }: ChatMessage): object {
  if (!thought) return message
  return { ...message, content: [{ type: 'thinking', thinking: [{ type: 'text', text: thought }] }, ...partsOf(message)] }
}

function withCallIds(message: ChatMessage, { callIdLength }: Quirks): ChatMessage {
  if (callIdLength === undefined) return message
  const { tool_calls, tool_call_id } = message
  return {
    ...message,
    ...(tool_calls && { tool_calls: tool_calls.map((call): ChatToolCall => ({ ...call, id: callId(call.id, callIdLength) })) }),
    ...(tool_call_id !== undefined && { tool_call_id: callId(tool_call_id, callIdLength) }),
  }
}

/** An id of so many letters and digits, the same for the same id: a call and its result keep together. */
function callId(id: string, length: number): string {
  if (id.length === length && /^[A-Za-z0-9]+$/.test(id)) return id
  return createHash('sha256')
    .update(id)
    .digest('base64')
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, length)
}
