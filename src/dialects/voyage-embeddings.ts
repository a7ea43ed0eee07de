import type { UpstreamDialect } from '../contract/dialect.ts'
import { foreignParams, withoutForeign } from './embeddings/foreign.ts'
import type { EmbeddingsHub, EmbeddingsRequest } from './embeddings/hub.ts'
import { textsOf } from './embeddings/vectors.ts'
import { entryOf } from './fields.ts'
import { openaiEmbeddings } from './openai-embeddings.ts'

const TYPES: Readonly<Record<string, string>> = { search_query: 'query', search_document: 'document', passage: 'document' }

/** Numbers are its default and have no name, so only base64 is asked for: half the bytes, and either is given to the client. */
function encodeRequest(request: EmbeddingsRequest): object {
  const { input, dimensions, input_type, encoding_format: _format, user: _user, ...rest } = withoutForeign(request)
  const type = entryOf(TYPES, input_type) ?? input_type
  return {
    ...rest,
    input: textsOf(input),
    encoding_format: 'base64',
    ...(type != null && { input_type: type }),
    ...(dimensions != null && { output_dimension: dimensions }),
  }
}

/** Voyage's embeddings: OpenAI's answers to a question of its own. https://docs.voyageai.com/reference/embeddings-api */
export const voyageEmbeddings = {
  ...openaiEmbeddings,
  id: 'voyage-embeddings',
  params: { ...foreignParams, user: 'dropped' },
  encodeRequest,
} satisfies UpstreamDialect<EmbeddingsHub>
