import type { UpstreamCall, UpstreamDialect } from '../../src/contract/dialect.ts'
import type { EmbeddingsHub, EmbeddingsRequest, EmbeddingsResponse } from '../../src/dialects/embeddings/hub.ts'
import { answerOf, textsOf } from '../../src/dialects/embeddings/vectors.ts'
import { unreadable } from '../../src/dialects/failure.ts'
import { count, entryOf, fields } from '../../src/dialects/fields.ts'
import { noEnding, noStream } from '../../src/dialects/no-stream.ts'
import { unsayable } from '../../src/dialects/unsayable.ts'
import { decodeFailure } from './failure.ts'
import { readHeaders } from './usage.ts'

/** Models that do not converse have bodies of their own. */
export const invoked = {
  path: ({ model }: UpstreamCall): string => `/model/${encodeURIComponent(model)}/invoke`,
  decodeStream: noStream,
  decodeError: decodeFailure,
  ending: noEnding,
  edits: { model: false, usage: false, maxTokens: false },
} as const

const params = { model: 'mapped', input: 'mapped', dimensions: 'mapped', encoding_format: 'mapped', user: 'dropped' } as const

/** https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html */
export const titanEmbeddings = {
  ...invoked,
  id: 'titan-embeddings',
  family: 'embeddings',
  params: { ...params, input_type: 'dropped' },
  encodeRequest({ input, dimensions }: EmbeddingsRequest): object {
    const [inputText, ...others] = textsOf(input)
    if (others.length > 0) throw unsayable('input', 'this model embeds one text a request: send them one by one.')
    return { inputText, ...(dimensions != null && { dimensions }) }
  },
  decodeResponse(body: unknown, { model }: { model: string }): EmbeddingsResponse {
    const { embedding, inputTextTokenCount } = fields(body)
    if (!Array.isArray(embedding)) throw unreadable()
    return answerOf([embedding], model, count(inputTextTokenCount))
  },
  readUsage(payload) {
    const input = count(fields(payload).inputTextTokenCount)
    return input === undefined ? undefined : { input, output: 0, raw: { inputTextTokenCount: input } }
  },
} satisfies UpstreamDialect<EmbeddingsHub>

const TYPES: Readonly<Record<string, string>> = { query: 'search_query', document: 'search_document', passage: 'search_document' }

/** Tells what it used in a header alone. https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-embed.html */
export const cohereEmbeddingsOnBedrock = {
  ...invoked,
  id: 'bedrock-cohere-embeddings',
  family: 'embeddings',
  params: { ...params, input_type: 'mapped', truncate: 'mapped' },
  encodeRequest({ input, input_type, dimensions, truncate }: EmbeddingsRequest): object {
    return {
      texts: textsOf(input),
      // Required; what does not say is taken for text to be found.
      input_type: entryOf(TYPES, input_type) ?? input_type ?? 'search_document',
      embedding_types: ['float'],
      ...(dimensions != null && { output_dimension: dimensions }),
      ...(truncate != null && { truncate }),
    }
  },
  decodeResponse(body: unknown, { model }: { model: string }): EmbeddingsResponse {
    const { embeddings } = fields(body)
    const vectors = fields(embeddings).float ?? embeddings
    if (!Array.isArray(vectors)) throw unreadable()
    return answerOf(vectors, model, undefined)
  },
  readUsage: readHeaders,
} satisfies UpstreamDialect<EmbeddingsHub>
