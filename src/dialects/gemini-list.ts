import type { IngressDialect } from '../contract/dialect.ts'
import { gemini } from './gemini.ts'

/** A stream asked for as a list in JSON: nobody reads it before it is closed, so it is the whole answer, in a list. */
export const geminiList: IngressDialect = {
  ...gemini,
  id: 'gemini-list',
  asks: gemini.id,
  encodeResponse: (chat) => [gemini.encodeResponse(chat)],
  encodeError: (view) => [gemini.encodeError(view)],
}
