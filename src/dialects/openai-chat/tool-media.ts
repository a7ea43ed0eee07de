import type { ChatMessage, ChatPart } from '../../contract/chat.ts'
import { partsOf } from '../conversation.ts'

/** Results hold only words here: a picture or file that a tool gave is shown by the user, after the results of its turn. */
export function mediaShownByUser(messages: readonly ChatMessage[]): ChatMessage[] {
  const shown: ChatMessage[] = []
  let held: ChatPart[] = []
  for (const message of messages) {
    if (message.role !== 'tool' && held.length > 0) {
      const isUser = message.role === 'user'
      shown.push(isUser ? { ...message, content: [...held, ...partsOf(message)] } : { role: 'user', content: held })
      held = []
      if (isUser) continue
    }
    const media = message.role === 'tool' ? partsOf(message).filter(({ type }) => type !== 'text') : []
    held.push(...media)
    shown.push(media.length === 0 ? message : { ...message, content: wordsOf(message) })
  }
  return held.length === 0 ? shown : [...shown, { role: 'user', content: held }]
}

function wordsOf(message: ChatMessage): string {
  const words = partsOf(message).flatMap((part) => (part.type === 'text' ? [part.text] : []))
  return words.join('\n') || 'See the next message.'
}
