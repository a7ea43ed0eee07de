import type { UpstreamDialect } from '../contract/dialect.ts'
import type { EmbeddingsHub, EmbeddingsRequest, EmbeddingsResponse } from './embeddings/hub.ts'
import { answerOf, textsOf } from './embeddings/vectors.ts'
import { failed, readFailure } from './failure.ts'
import { count, fields, text } from './fields.ts'
import { modelEdited, noEnding, noStream } from './no-stream.ts'

function encodeRequest({ model, input, dimensions }: EmbeddingsRequest): object {
  return { model, input: textsOf(input), ...(dimensions != null && { dimensions }) }
}

function decodeResponse(body: unknown, context: { model: string }): EmbeddingsResponse {
  const { embeddings, model } = fields(body)
  if (!Array.isArray(embeddings)) throw failed(body)
  return answerOf(embeddings, text(model) ?? context.model, counted(body))
}

const counted = (body: unknown): number | undefined => count(fields(body).prompt_eval_count)

/** Ollama's own embed, since many versions of its OpenAI face answer numbers to who asks for base64: https://docs.ollama.com/api/embed */
export const ollamaEmbeddings = {
  id: 'ollama-embeddings',
  family: 'embeddings',
  path: () => '/embed',
  params: { model: 'mapped', input: 'mapped', dimensions: 'mapped', encoding_format: 'mapped', user: 'dropped' },
  encodeRequest,
  decodeResponse,
  decodeStream: noStream,
  decodeError: readFailure,
  readUsage(payload) {
    const input = counted(payload)
    return input === undefined ? undefined : { input, output: 0 }
  },
  ending: noEnding,
  edits: modelEdited,
} satisfies UpstreamDialect<EmbeddingsHub>
