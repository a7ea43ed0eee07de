import { z } from 'zod'
import type { Glance, IngressDialect, UpstreamDialect } from '../contract/dialect.ts'
import { accept } from './accept.ts'
import type { EmbeddingsHub, EmbeddingsRequest, EmbeddingsResponse } from './embeddings/hub.ts'
import { answerOf, textsOf, unpacked } from './embeddings/vectors.ts'
import { failed, readFailure } from './failure.ts'
import { count, entryOf, fields } from './fields.ts'
import { encodeError, encodeStreamError } from './gemini/errors.ts'
import { noEnding, noStream, untold } from './no-stream.ts'
import { unsayable } from './unsayable.ts'

const TASKS: Readonly<Record<string, string>> = {
  query: 'RETRIEVAL_QUERY',
  search_query: 'RETRIEVAL_QUERY',
  document: 'RETRIEVAL_DOCUMENT',
  passage: 'RETRIEVAL_DOCUMENT',
  search_document: 'RETRIEVAL_DOCUMENT',
  classification: 'CLASSIFICATION',
  clustering: 'CLUSTERING',
}

/** What retrieval is asked for, in Google's words; words of its own stay as they are. */
export const taskOf = (type: unknown): unknown => entryOf(TASKS, type) ?? type

const TYPES: Readonly<Record<string, string>> = { RETRIEVAL_QUERY: 'query', RETRIEVAL_DOCUMENT: 'document' }

/** One text and all that is said of it. */
const one = z.looseObject({
  content: z.looseObject({ parts: z.array(z.strictObject({ text: z.string() })).nonempty() }),
  taskType: z.string().optional(),
  title: z.string().optional(),
  outputDimensionality: z.int().positive().optional(),
})
const batch = z.looseObject({ requests: z.array(one).nonempty() })

function asked({ taskType, title, outputDimensionality }: z.output<typeof one>): Omit<EmbeddingsRequest, 'model' | 'input'> {
  return {
    ...(taskType !== undefined && { input_type: entryOf(TYPES, taskType) ?? taskType }),
    ...(title !== undefined && { title }),
    ...(outputDimensionality !== undefined && { dimensions: outputDimensionality }),
  }
}

const textOf = ({ content }: z.output<typeof one>): string => content.parts.map(({ text }) => text).join('\n')

function decodeOne(body: unknown): EmbeddingsRequest {
  const request = accept(one, body, 'a request for an embedding of text')
  return { model: '', input: [textOf(request)], ...asked(request) }
}

/** Other formats say once for all texts what this one says of each. */
function decodeBatch(body: unknown): EmbeddingsRequest {
  const { requests } = accept(batch, body, 'a request for embeddings of texts')
  const [first, ...others] = requests.map((request) => JSON.stringify(asked(request)))
  if (others.some((other) => other !== first)) throw unsayable('requests', 'ask the same of each text, or in several requests')
  return { model: '', input: requests.map(textOf), ...JSON.parse(first ?? '{}') }
}

function encodeAll({ model, input, dimensions, input_type, title }: EmbeddingsRequest): object[] {
  const taskType = taskOf(input_type)
  return textsOf(input).map((text) => ({
    model: `models/${model}`,
    content: { parts: [{ text }] },
    ...(taskType != null && { taskType }),
    ...(title != null && { title }),
    ...(dimensions != null && { outputDimensionality: dimensions }),
  }))
}

function encodeOne(request: EmbeddingsRequest): object {
  const [only, ...others] = encodeAll(request)
  if (!only || others.length > 0) throw unsayable('input', 'this address takes one text')
  return only
}

const tokensOf = (body: unknown): number | undefined => count(fields(fields(body).usageMetadata).promptTokenCount)

const vectorsOf = (embeddings: readonly unknown[]): unknown[] => embeddings.map((embedding) => fields(embedding).values)

function decodeAnswer(body: unknown, { model }: { model: string }): EmbeddingsResponse {
  const { embedding, embeddings = embedding === undefined ? undefined : [embedding] } = fields(body)
  if (!Array.isArray(embeddings)) throw failed(body)
  return answerOf(vectorsOf(embeddings), model, tokensOf(body))
}

const usageOf = ({ usage }: EmbeddingsResponse): object =>
  usage === undefined ? {} : { usageMetadata: { promptTokenCount: usage.prompt_tokens, totalTokenCount: usage.total_tokens } }

const written = ({ data }: EmbeddingsResponse): object[] => data.map(({ embedding }) => ({ values: unpacked(embedding) }))

const glanceAt = (content: string): Glance => ({
  content,
  attachments: {},
  read: () => untold,
})

const shared = {
  family: 'embeddings',
  params: {
    model: 'mapped',
    input: 'mapped',
    dimensions: 'mapped',
    encoding_format: 'mapped',
    input_type: 'mapped',
    title: 'mapped',
    user: 'dropped',
  },
  decodeResponse: decodeAnswer,
  decodeStream: noStream,
  decodeError: readFailure,
  readUsage(payload: unknown) {
    const input = tokensOf(payload)
    return input === undefined ? undefined : { input, output: 0, raw: fields(payload).usageMetadata }
  },
  ending: noEnding,
  encodeStream: noStream,
  encodeError,
  encodeStreamError,
} as const

/** Google's batchEmbedContents, version v1beta, which a single text is a batch of one for: https://ai.google.dev/api/embeddings */
export const geminiEmbeddings = {
  ...shared,
  id: 'gemini-embeddings',
  path: ({ model }) => `/models/${encodeURIComponent(model)}:batchEmbedContents`,
  edits: { model: false, usage: false, maxTokens: false, items: { field: 'requests', model: (model) => `models/${model}` } },
  glance: glanceAt('requests'),
  encodeRequest: (request) => ({ requests: encodeAll(request) }),
  decodeRequest: decodeBatch,
  encodeResponse: (response) => ({ embeddings: written(response), ...usageOf(response) }),
} satisfies UpstreamDialect<EmbeddingsHub> & IngressDialect<EmbeddingsHub>

/** Google's embedContent, for one text. */
export const geminiEmbedding = {
  ...shared,
  id: 'gemini-embedding',
  path: ({ model }) => `/models/${encodeURIComponent(model)}:embedContent`,
  edits: { model: false, usage: false, maxTokens: false },
  glance: glanceAt('content'),
  encodeRequest: encodeOne,
  decodeRequest: decodeOne,
  encodeResponse: (response) => ({ embedding: written(response)[0], ...usageOf(response) }),
} satisfies UpstreamDialect<EmbeddingsHub> & IngressDialect<EmbeddingsHub>
