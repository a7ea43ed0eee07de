import type { Usage } from '../contract/dialect.ts'
import { readUsage as readTokens } from './embeddings/usage.ts'
import { count, fields } from './fields.ts'
import { asHub } from './one-shape.ts'

/** Cohere bills searches, others the tokens they read. */
function readUsage(payload: unknown): Usage | undefined {
  const { billed_units, tokens } = fields(fields(payload).meta)
  const searches = count(fields(billed_units).search_units)
  if (searches !== undefined) return { searches, raw: fields(payload).meta }
  const input = count(fields(tokens).input_tokens)
  return input === undefined ? readTokens(payload) : { input, output: 0, raw: tokens }
}

/** What Cohere (version 2), Jina and those who follow them share: https://docs.cohere.com/reference/rerank, https://jina.ai/reranker/ */
export const rerank = asHub({ id: 'rerank', family: 'rerank', path: '/rerank', content: 'documents', readUsage })
