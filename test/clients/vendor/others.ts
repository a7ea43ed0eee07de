import { USAGE } from './script.ts'

export const VECTOR = [0.5, -0.25]

/** Calls that are no conversation, by how their path ends. */
export const others: Readonly<Record<string, (body: string) => object>> = {
  '/messages/count_tokens': () => ({ input_tokens: USAGE.input }),
  ':countTokens': () => ({ totalTokens: USAGE.input }),
  '/cohere/embed': (body) => ({
    id: 'a1b2-mill',
    texts: JSON.parse(body).texts,
    embeddings: { float: [VECTOR] },
    meta: { billed_units: { input_tokens: USAGE.input } },
    response_type: 'embeddings_by_type',
  }),
  '/cohere/rerank': () => ({
    id: 'a1b2-mill',
    results: [1, 0].map((index) => ({ index, relevance_score: (1 + index) / 2 })),
    meta: { billed_units: { search_units: 1 } },
  }),
  '/embeddings': (body) => {
    const { encoding_format }: { encoding_format?: string } = JSON.parse(body)
    const embedding = encoding_format === 'base64' ? Buffer.from(new Float32Array(VECTOR).buffer).toString('base64') : VECTOR
    return {
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding }],
      model: 'mill-1',
      usage: { prompt_tokens: USAGE.input, total_tokens: USAGE.input },
    }
  },
}
