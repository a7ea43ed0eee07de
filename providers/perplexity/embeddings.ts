import type { DecodeContext, UpstreamDialect } from '../../src/contract/dialect.ts'
import type { EmbeddingsHub, EmbeddingsRequest } from '../../src/dialects/embeddings/hub.ts'
import { fields, list, text } from '../../src/dialects/fields.ts'
import { openaiEmbeddings } from '../../src/dialects/openai-embeddings.ts'

/** OpenAI's shape, but vectors are signed bytes, and never floats: https://docs.perplexity.ai/docs/embeddings/best-practices */
export const perplexityEmbeddings = {
  ...openaiEmbeddings,
  encodeRequest: ({ encoding_format: _format, ...request }: EmbeddingsRequest) => openaiEmbeddings.encodeRequest(request),
  decodeResponse(body: unknown, context: DecodeContext<EmbeddingsHub>) {
    const answer = fields(body)
    const rows = Array.isArray(answer.data) ? list(answer.data).map((row) => ({ ...fields(row), embedding: bytesIn(row) })) : undefined
    return openaiEmbeddings.decodeResponse(rows === undefined ? body : { ...answer, data: rows }, context)
  },
} satisfies UpstreamDialect<EmbeddingsHub>

function bytesIn(row: unknown): number[] | undefined {
  const packed = text(fields(row).embedding)
  return packed === undefined ? undefined : [...new Int8Array(Buffer.from(packed, 'base64'))]
}
