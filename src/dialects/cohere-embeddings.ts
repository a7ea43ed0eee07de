import type { UpstreamDialect } from '../contract/dialect.ts'
import type { EmbeddingsHub, EmbeddingsRequest, EmbeddingsResponse } from './embeddings/hub.ts'
import { answerOf, textsOf } from './embeddings/vectors.ts'
import { failed, readFailure } from './failure.ts'
import { count, entryOf, fields } from './fields.ts'
import { modelEdited, noEnding, noStream } from './no-stream.ts'

const TYPES: Readonly<Record<string, string>> = { query: 'search_query', document: 'search_document', passage: 'search_document' }

/** The type of input is required since the third generation of models; what does not say is taken for text to be found. */
function encodeRequest({ model, input, dimensions, input_type }: EmbeddingsRequest): object {
  return {
    model,
    texts: textsOf(input),
    input_type: entryOf(TYPES, input_type) ?? input_type ?? 'search_document',
    embedding_types: ['float'],
    ...(dimensions != null && { output_dimension: dimensions }),
  }
}

function decodeResponse(body: unknown, { model }: { model: string }): EmbeddingsResponse {
  const { float } = fields(fields(body).embeddings)
  if (!Array.isArray(float)) throw failed(body)
  return answerOf(float, model, billed(body))
}

const billed = (body: unknown): number | undefined => count(fields(fields(fields(body).meta).billed_units).input_tokens)

/** Cohere's embed, version 2: https://docs.cohere.com/reference/embed */
export const cohereEmbeddings = {
  id: 'cohere-embeddings',
  family: 'embeddings',
  path: () => '/embed',
  params: { model: 'mapped', input: 'mapped', dimensions: 'mapped', encoding_format: 'mapped', input_type: 'mapped', user: 'dropped' },
  encodeRequest,
  decodeResponse,
  decodeStream: noStream,
  decodeError: readFailure,
  readUsage(payload) {
    const input = billed(payload)
    return input === undefined ? undefined : { input, output: 0, raw: fields(payload).meta }
  },
  ending: noEnding,
  edits: modelEdited,
} satisfies UpstreamDialect<EmbeddingsHub>
