import type { ChatChunk, ChatRequest, ChatResponse } from './chat.ts'

/**
 * What a wire format asks for. Dialects translate within their family only, since an embedding cannot be made of a conversation; each
 * family has a hub of its own.
 */
export type Family =
  | 'chat'
  | 'embeddings'
  | 'moderations'
  | 'rerank'
  | 'images'
  | 'image-edits'
  | 'image-variations'
  | 'speech'
  | 'transcription'
  | 'translation'

/** What the dialects of one family meet in. */
export interface Hub {
  readonly request: HubRequest
  readonly response: object
  readonly chunk: object
}

/** All that the lanes know of a request in any hub; a field that nobody listed still travels. */
export interface HubRequest {
  model: string
  [field: string]: unknown
}

/** The hub of chat: OpenAI's chat completions, kept open. */
export interface ChatHub extends Hub {
  readonly request: ChatRequest
  readonly response: ChatResponse
  readonly chunk: ChatChunk
}
