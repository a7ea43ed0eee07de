import { fields, word } from '../../src/dialects/fields.ts'

/** The cache point that a client's mark asks for; none where it is no mark, or the model keeps no cache. */
export type Mark = (cacheControl: unknown) => object | undefined

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CachePointBlock.html */
export const cachePoint: Mark = (cacheControl) => {
  if (cacheControl === undefined || cacheControl === null) return undefined
  return { cachePoint: { type: 'default', ttl: word(fields(cacheControl).ttl) } }
}

export const noCache: Mark = () => undefined

/** A cache point stands after what it keeps, and keeps nothing by itself. */
export function marked(blocks: readonly object[], point: object | undefined): object[] {
  return point === undefined || blocks.length === 0 ? [...blocks] : [...blocks, point]
}
