import { z } from 'zod'
import type { Glance, IngressDialect, UpstreamDialect } from '../contract/dialect.ts'
import { accept } from './accept.ts'
import { foreignParams, withoutForeign } from './embeddings/foreign.ts'
import type { EmbeddingsHub, EmbeddingsRequest, EmbeddingsResponse } from './embeddings/hub.ts'
import { readUsage } from './embeddings/usage.ts'
import { answerOf, dataOf, packed, unpacked } from './embeddings/vectors.ts'
import { failed, readFailure } from './failure.ts'
import { fields, text } from './fields.ts'
import { modelEdited, noEnding, noStream, untold } from './no-stream.ts'
import { encodeError, encodeStreamError } from './openai-chat/errors.ts'

const glance: Glance = {
  content: 'input',
  attachments: {},
  read: (top) => ({ ...untold, model: top.text('model'), user: top.text('user') }),
}

const numbers = z.array(z.int())
const shape = z.looseObject({
  model: z.string().optional(),
  input: z.union([z.string(), z.array(z.string()).nonempty(), numbers.nonempty(), z.array(numbers).nonempty()]),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.int().positive().nullish(),
})

function decodeRequest(body: unknown): EmbeddingsRequest {
  return { model: '', ...accept(shape, body, 'a request for embeddings') }
}

/** Numbers or base64, as the client asked: one that gets the other reads garbage without noticing. */
function encodeResponse(response: EmbeddingsResponse, request?: EmbeddingsRequest): object {
  const written = request?.encoding_format === 'base64' ? packed : unpacked
  return { ...response, data: response.data.map((row) => ({ ...row, embedding: written(row.embedding) })) }
}

function decodeResponse(body: unknown, { model }: { model: string }): EmbeddingsResponse {
  const answer = fields(body)
  if (!Array.isArray(answer.data)) throw failed(body)
  return answerOf(dataOf(body), text(answer.model) ?? model, readUsage(body)?.input)
}

/** OpenAI's embeddings, the hub of their family: https://platform.openai.com/docs/api-reference/embeddings */
export const openaiEmbeddings = {
  id: 'openai-embeddings',
  family: 'embeddings',
  path: () => '/embeddings',
  params: { ...foreignParams, input_type: 'dropped' },
  unlisted: 'mapped',
  encodeRequest: ({ input_type: _type, ...request }) => withoutForeign(request),
  decodeResponse,
  decodeStream: noStream,
  decodeError: readFailure,
  readUsage,
  ending: noEnding,
  edits: modelEdited,
  glance,
  decodeRequest,
  encodeResponse,
  encodeStream: noStream,
  encodeError,
  encodeStreamError,
} satisfies UpstreamDialect<EmbeddingsHub> & IngressDialect<EmbeddingsHub>
