import { USAGE } from './script.ts'

export const VECTOR = [0.5, -0.25]

/** Calls that are no conversation, by how their path ends. */
export const others: Readonly<Record<string, (body: string) => object>> = {
  '/messages/count_tokens': () => ({ input_tokens: USAGE.input }),
  ':countTokens': () => ({ totalTokens: USAGE.input }),
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
