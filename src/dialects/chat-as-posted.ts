import type { IngressDialect } from '../contract/dialect.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiResponses } from './openai-responses.ts'

/** Cursor's habit: a request of the Responses API at the path of chat, whose answer is read as chat's. */
const responsesInChat: IngressDialect = {
  ...openaiChat,
  id: 'openai-responses-in-chat',
  asks: openaiResponses.id,
  glance: {
    ...openaiResponses.glance,
    read: (top) => ({ ...openaiResponses.glance.read(top), streamOptions: top.object('stream_options') }),
  },
  decodeRequest: openaiResponses.decodeRequest,
}

/** Chat completions as clients really post them, told apart by shape: `input` and no `messages`. */
export const chatAsPosted: IngressDialect = {
  ...openaiChat,
  instead: ({ has }) => (has('input') && !has('messages') ? responsesInChat : undefined),
}
