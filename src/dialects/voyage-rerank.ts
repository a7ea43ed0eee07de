import type { UpstreamDialect } from '../contract/dialect.ts'
import type { Hub, HubRequest } from '../contract/family.ts'
import { failed } from './failure.ts'
import { fields, list, text } from './fields.ts'
import { rerank } from './rerank.ts'

function encodeRequest({ top_n, documents, max_tokens_per_doc: _perDocument, ...rest }: HubRequest): object {
  const texts = list(documents).map((document) => text(fields(document)['text']) ?? document)
  return { ...rest, documents: texts, ...(top_n != null && { top_k: top_n }) }
}

function decodeResponse(body: unknown): object {
  const { data, object: _list, ...rest } = fields(body)
  if (!Array.isArray(data)) throw failed(body)
  return { ...rest, results: data.map(resultOf) }
}

function resultOf(row: unknown): object {
  const { document, ...rest } = fields(row)
  return { ...rest, ...(document !== undefined && { document: { text: document } }) }
}

/** https://docs.voyageai.com/reference/reranker-api */
export const voyageRerank = {
  ...rerank,
  id: 'voyage-rerank',
  params: { max_tokens_per_doc: 'dropped' },
  encodeRequest,
  decodeResponse,
} satisfies UpstreamDialect<Hub>
