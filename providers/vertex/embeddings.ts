import type { UpstreamDialect } from '../../src/contract/dialect.ts'
import type { EmbeddingsHub, EmbeddingsRequest, EmbeddingsResponse } from '../../src/dialects/embeddings/hub.ts'
import { answerOf, textsOf } from '../../src/dialects/embeddings/vectors.ts'
import { failed, readFailure } from '../../src/dialects/failure.ts'
import { count, fields, list, sum } from '../../src/dialects/fields.ts'
import { taskOf } from '../../src/dialects/gemini-embeddings.ts'
import { noEnding, noStream } from '../../src/dialects/no-stream.ts'

function encodeRequest({ input, input_type, title, dimensions }: EmbeddingsRequest): object {
  const said = { ...(input_type != null && { task_type: taskOf(input_type) }), ...(title != null && { title }) }
  return {
    instances: textsOf(input).map((content) => ({ content, ...said })),
    ...(dimensions != null && { parameters: { outputDimensionality: dimensions } }),
  }
}

const embeddingsIn = (body: unknown) => list(fields(body).predictions).map((prediction) => fields(fields(prediction).embeddings))

const tokensOf = (body: unknown): number | undefined =>
  sum(...embeddingsIn(body).map(({ statistics }) => count(fields(statistics).token_count)))

function decodeResponse(body: unknown, { model }: { model: string }): EmbeddingsResponse {
  const embeddings = embeddingsIn(body)
  if (embeddings.length === 0) throw failed(body)
  return answerOf(
    embeddings.map(({ values }) => values),
    model,
    tokensOf(body),
  )
}

/** Vertex's way to ask its own models, here for text: https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api */
export const vertexEmbeddings = {
  id: 'vertex-embeddings',
  family: 'embeddings',
  path: ({ model }) => `/models/${encodeURIComponent(model)}:predict`,
  params: {
    model: 'mapped',
    input: 'mapped',
    dimensions: 'mapped',
    encoding_format: 'mapped',
    input_type: 'mapped',
    title: 'mapped',
    user: 'dropped',
  },
  encodeRequest,
  decodeResponse,
  decodeStream: noStream,
  decodeError: readFailure,
  readUsage(payload) {
    const input = tokensOf(payload)
    return input === undefined ? undefined : { input, output: 0, raw: { token_count: input } }
  },
  ending: noEnding,
  edits: { model: false, usage: false, maxTokens: false },
} satisfies UpstreamDialect<EmbeddingsHub>
