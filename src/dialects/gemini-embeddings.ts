import type { UpstreamDialect } from '../contract/dialect.ts'
import type { EmbeddingsHub, EmbeddingsRequest, EmbeddingsResponse } from './embeddings/hub.ts'
import { answerOf, textsOf } from './embeddings/vectors.ts'
import { failed, readFailure } from './failure.ts'
import { count, entryOf, fields, list } from './fields.ts'
import { noEnding, noStream } from './no-stream.ts'

const TASKS: Readonly<Record<string, string>> = {
  query: 'RETRIEVAL_QUERY',
  search_query: 'RETRIEVAL_QUERY',
  document: 'RETRIEVAL_DOCUMENT',
  passage: 'RETRIEVAL_DOCUMENT',
  search_document: 'RETRIEVAL_DOCUMENT',
  classification: 'CLASSIFICATION',
  clustering: 'CLUSTERING',
}

/** One text is a batch of one: an answer for every text, in order. */
function encodeRequest({ model, input, dimensions, input_type }: EmbeddingsRequest): object {
  const taskType = entryOf(TASKS, input_type) ?? input_type
  const requests = textsOf(input).map((text) => ({
    model: `models/${model}`,
    content: { parts: [{ text }] },
    ...(taskType != null && { taskType }),
    ...(dimensions != null && { outputDimensionality: dimensions }),
  }))
  return { requests }
}

function decodeResponse(body: unknown, { model }: { model: string }): EmbeddingsResponse {
  const { embeddings } = fields(body)
  if (!Array.isArray(embeddings)) throw failed(body)
  return answerOf(
    list(embeddings).map((one) => fields(one).values),
    model,
    tokensOf(body),
  )
}

const tokensOf = (body: unknown): number | undefined => count(fields(fields(body).usageMetadata).promptTokenCount)

/** Google's batchEmbedContents, version v1beta: https://ai.google.dev/api/embeddings */
export const geminiEmbeddings = {
  id: 'gemini-embeddings',
  family: 'embeddings',
  path: ({ model }) => `/models/${encodeURIComponent(model)}:batchEmbedContents`,
  params: { model: 'mapped', input: 'mapped', dimensions: 'mapped', encoding_format: 'mapped', input_type: 'mapped', user: 'dropped' },
  encodeRequest,
  decodeResponse,
  decodeStream: noStream,
  decodeError: readFailure,
  readUsage(payload) {
    const input = tokensOf(payload)
    return input === undefined ? undefined : { input, output: 0, raw: fields(payload).usageMetadata }
  },
  ending: noEnding,
  edits: { model: false, usage: false, maxTokens: false },
} satisfies UpstreamDialect<EmbeddingsHub>
