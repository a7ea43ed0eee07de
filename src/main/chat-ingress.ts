import { isMistralClient, mistralChat } from '../../providers/mistral/chat.ts'
import type { IngressDialect } from '../contract/dialect.ts'
import { chatAsPosted } from '../dialects/chat-as-posted.ts'

/** What is posted at the path of chat: by Mistral's own clients in Mistral's manner, by Cursor as Responses, by all others as chat. */
export const chatIngress: IngressDialect = {
  ...chatAsPosted,
  instead: (sent) => (isMistralClient(sent) ? mistralChat : chatAsPosted.instead?.(sent)),
}
