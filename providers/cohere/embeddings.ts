import { z } from 'zod'
import type { Glance, IngressDialect, UpstreamDialect } from '../../src/contract/dialect.ts'
import { absentIfNull, accept } from '../../src/dialects/accept.ts'
import type { EmbeddingsHub, EmbeddingsRequest, EmbeddingsResponse } from '../../src/dialects/embeddings/hub.ts'
import { answerOf, packed, textsOf, unpacked } from '../../src/dialects/embeddings/vectors.ts'
import { failed, readFailure } from '../../src/dialects/failure.ts'
import { count, entryOf, fields, list } from '../../src/dialects/fields.ts'
import { modelEdited, noEnding, noStream, untold } from '../../src/dialects/no-stream.ts'
import { told } from '../../src/dialects/told.ts'
import { unsayable } from '../../src/dialects/unsayable.ts'
import { encodeError, encodeStreamError, isOwnError } from './client-errors.ts'

const TYPES: Readonly<Record<string, string>> = { query: 'search_query', document: 'search_document', passage: 'search_document' }
const PURPOSES: Readonly<Record<string, string>> = { search_query: 'query', search_document: 'document' }

/** The type of input is required since the third generation of models; what does not say is taken for text to be found. */
function encodeRequest({ model, input, dimensions, input_type, truncate, max_tokens, priority }: EmbeddingsRequest): object {
  return {
    model,
    texts: textsOf(input),
    input_type: entryOf(TYPES, input_type) ?? input_type ?? 'search_document',
    embedding_types: ['float'],
    ...told({ output_dimension: dimensions, truncate, max_tokens, priority }),
  }
}

function decodeResponse(body: unknown, { model }: { model: string }): EmbeddingsResponse {
  const { float } = fields(fields(body).embeddings)
  if (!Array.isArray(float)) throw failed(body)
  return answerOf(float, model, billed(body))
}

const billed = (body: unknown): number | undefined => count(fields(fields(fields(body).meta).billed_units).input_tokens)

const textPart = z.looseObject({ type: z.literal('text', 'only text can be embedded by this model'), text: z.string() })

const shape = z.looseObject({
  model: z.string(),
  texts: absentIfNull(z.array(z.string())),
  inputs: absentIfNull(z.array(z.looseObject({ content: z.array(textPart) }))),
  images: absentIfNull(z.array(z.never(), 'only text can be embedded by this model')),
  input_type: absentIfNull(z.string()),
  embedding_types: absentIfNull(z.array(z.string())),
  output_dimension: absentIfNull(z.int().positive()),
})

/** Elsewhere there are floats, as numbers or packed; other types would be another quantisation than Cohere's. */
function decodeRequest(body: unknown): EmbeddingsRequest {
  const asked = accept(shape, body, 'a request for embeddings')
  const { texts = [], inputs = [], images: _none, input_type, embedding_types = ['float'], output_dimension: dimensions, ...rest } = asked
  const [encoding_format, ...others] = embedding_types
  if (others.length > 0 || (encoding_format !== 'float' && encoding_format !== 'base64'))
    throw unsayable('embedding_types', 'this model gives one of float and base64.')
  const input = [...texts, ...inputs.map(({ content }) => content.map(({ text }) => text).join('\n'))]
  if (input.length === 0) throw unsayable('texts', 'is missing.')
  return { ...told(rest), ...told({ input_type: entryOf(PURPOSES, input_type) ?? input_type, dimensions }), input, encoding_format }
}

function encodeResponse(response: EmbeddingsResponse, request?: EmbeddingsRequest): object {
  const type = request?.encoding_format ?? 'float'
  return { ...headOf(response, request), embeddings: { [type]: vectorsOf(response, type) }, response_type: 'embeddings_by_type' }
}

const headOf = ({ usage }: EmbeddingsResponse, request: EmbeddingsRequest | undefined): object => ({
  texts: list(request?.input),
  ...(usage && { meta: { billed_units: { input_tokens: usage.prompt_tokens } } }),
})

const vectorsOf = ({ data }: EmbeddingsResponse, type: 'float' | 'base64'): object =>
  data.map(({ embedding }) => (type === 'base64' ? packed(embedding) : unpacked(embedding)))

const glance: Glance = {
  content: 'texts',
  attachments: {},
  read: (top) => ({ ...untold, model: top.text('model') }),
}

/** Cohere's embed, version 2: https://docs.cohere.com/reference/embed */
export const cohereEmbeddings = {
  id: 'cohere-embeddings',
  family: 'embeddings',
  path: () => '/embed',
  params: {
    model: 'mapped',
    input: 'mapped',
    dimensions: 'mapped',
    encoding_format: 'mapped',
    input_type: 'mapped',
    max_tokens: 'mapped',
    priority: 'mapped',
    truncate: 'mapped',
    user: 'dropped',
  },
  encodeRequest,
  decodeResponse,
  decodeStream: noStream,
  decodeError: readFailure,
  isOwnError,
  readUsage(payload) {
    const input = billed(payload)
    return input === undefined ? undefined : { input, output: 0, raw: fields(payload).meta }
  },
  ending: noEnding,
  edits: modelEdited,
  glance,
  decodeRequest,
  encodeResponse,
  encodeStream: noStream,
  encodeError,
  encodeStreamError,
} satisfies UpstreamDialect<EmbeddingsHub> & IngressDialect<EmbeddingsHub>

/** Version 1 as its clients post it: plain vectors unless a type is asked for. https://docs.cohere.com/v1/reference/embed */
export const cohereEmbeddings1 = {
  ...cohereEmbeddings,
  id: 'cohere-embeddings-1',
  decodeRequest(body) {
    const { embedding_types } = fields(body)
    return { ...decodeRequest(body), ...(embedding_types == null && { encoding_format: undefined }) }
  },
  encodeResponse(response, request) {
    if (request?.encoding_format != null) return encodeResponse(response, request)
    return { ...headOf(response, request), embeddings: vectorsOf(response, 'float'), response_type: 'embeddings_floats' }
  },
} satisfies UpstreamDialect<EmbeddingsHub> & IngressDialect<EmbeddingsHub>
