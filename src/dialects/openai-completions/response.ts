import type { ChatChunk, ChatResponse } from '../../contract/chat.ts'
import type { DecodeContext, SseEvent, Step } from '../../contract/dialect.ts'
import { parseEvent } from '../event.ts'
import { type Fields, fields, list } from '../fields.ts'
import { decodeResponse as decodeChat } from '../openai-chat/response.ts'
import { decodeChunks } from '../openai-chat/stream.ts'
import { decodeLogprobs } from './logprobs.ts'

// A completion is a chat answer whose choices say `text` in place of a message, so the chat's own readers do the rest.

export function decodeResponse(body: unknown, context: DecodeContext): ChatResponse {
  return decodeChat(asChat(body, 'message'), context)
}

export function decodeStream(context: DecodeContext): Step<SseEvent, ChatChunk> {
  const { push, end } = decodeChunks(context)
  return { push: (event) => (event.data === '[DONE]' ? [] : push(asChat(parseEvent(event), 'delta'))), end }
}

function asChat(body: unknown, said: 'message' | 'delta'): Fields {
  const answer = fields(body)
  return { ...answer, choices: list(answer.choices).map((choice) => asChoice(fields(choice), said)) }
}

function asChoice(choice: Fields, said: 'message' | 'delta'): object {
  return { ...choice, [said]: { content: choice.text }, logprobs: decodeLogprobs(choice.logprobs) }
}
