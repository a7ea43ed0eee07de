import type { ChatMessage, ChatPart } from '../contract/chat.ts'
import { unsayable } from './unsayable.ts'

/** A message and where it stands, e.g. `messages.3`, for errors that name it. */
export interface Located {
  readonly message: ChatMessage
  readonly at: string
}

/** What one side says before the other speaks: results of parallel calls and the words after them are one turn of the user. */
export interface Turn {
  readonly role: 'user' | 'assistant'
  readonly messages: Located[]
}

/**
 * A chat as Anthropic and Gemini want it: instructions apart, turns alternating. Instructions given later in the chat move to the front,
 * because there is no other place for them.
 */
export function readConversation(messages: readonly ChatMessage[]): { instructions: Located[]; turns: Turn[] } {
  const instructions: Located[] = []
  const turns: Turn[] = []
  for (const [index, message] of messages.entries()) {
    const located = { message, at: `messages.${index}` }
    if (message.role === 'system' || message.role === 'developer') instructions.push(located)
    else addTo(turns, located)
  }
  return { instructions, turns }
}

function addTo(turns: Turn[], located: Located): void {
  if (located.message.role === 'function')
    throw unsayable(located.at, 'messages of role function are not translated: use tools and role tool.')
  const role = located.message.role === 'assistant' ? 'assistant' : 'user'
  const last = turns.at(-1)
  if (last?.role === role) last.messages.push(located)
  else turns.push({ role, messages: [located] })
}

/** A message's content as parts, and an assistant's refusal as the text it was. */
export function partsOf({ content, refusal }: ChatMessage): readonly ChatPart[] {
  const parts: ChatPart[] = typeof content === 'string' ? [{ type: 'text', text: content }] : [...(content ?? [])]
  return refusal ? [...parts, { type: 'refusal', refusal }] : parts
}
