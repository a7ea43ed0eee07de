import type { UpstreamDialect } from '../contract/dialect.ts'
import { foreignParams, withoutForeign } from './embeddings/foreign.ts'
import type { EmbeddingsHub, EmbeddingsRequest } from './embeddings/hub.ts'
import { textsOf } from './embeddings/vectors.ts'
import { entryOf } from './fields.ts'
import { openaiEmbeddings } from './openai-embeddings.ts'

const TASKS: Readonly<Record<string, string>> = {
  query: 'retrieval.query',
  search_query: 'retrieval.query',
  document: 'retrieval.passage',
  passage: 'retrieval.passage',
  search_document: 'retrieval.passage',
}

function encodeRequest(request: EmbeddingsRequest): object {
  const { input, input_type, encoding_format: _format, user: _user, ...rest } = withoutForeign(request)
  const task = entryOf(TASKS, input_type) ?? input_type
  return { ...rest, input: textsOf(input), embedding_type: 'base64', ...(task != null && { task }) }
}

/** Jina's embeddings: OpenAI's answers to a question of its own. https://jina.ai/embeddings/ */
export const jinaEmbeddings = {
  ...openaiEmbeddings,
  id: 'jina-embeddings',
  params: { ...foreignParams, user: 'dropped' },
  encodeRequest,
} satisfies UpstreamDialect<EmbeddingsHub>
