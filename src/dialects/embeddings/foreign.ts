import type { EmbeddingsRequest } from './hub.ts'

/** What clients of Google's and Cohere's APIs say of their texts, and OpenAI's and its followers' do not know. */
export const foreignParams = { title: 'dropped', truncate: 'dropped', max_tokens: 'dropped', priority: 'dropped' } as const

/** The request without them. */
export function withoutForeign(request: EmbeddingsRequest): EmbeddingsRequest {
  const { title: _title, truncate: _truncate, max_tokens: _tokens, priority: _priority, ...rest } = request
  return rest
}
