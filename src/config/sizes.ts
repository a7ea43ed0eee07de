import { z } from 'zod'
import { camelKeys } from './camel.ts'
import { size } from './quantities.ts'

/** Bounds of what is read and kept, in bytes; of JSON also in levels and structural characters. */
export interface Sizes {
  readonly body: number
  readonly jsonDepth: number
  readonly jsonTokens: number
  readonly headerBlock: number
  readonly answerFrame: number
  /** Of an answer that may be told again. */
  readonly keptAnswer: number
  /** Of all answers together that serve equal requests. */
  readonly cache: number
}

export const SIZES: Sizes = {
  body: 32 * 1024 ** 2,
  jsonDepth: 64,
  jsonTokens: 200_000,
  headerBlock: 16 * 1024,
  answerFrame: 8 * 1024 ** 2,
  keptAnswer: 1024 ** 2,
  cache: 64 * 1024 ** 2,
}

export const sizes = z
  .strictObject({
    body: size,
    json_depth: z.int().min(1),
    json_tokens: z.int().min(1),
    header_block: size,
    answer_frame: size,
    kept_answer: size,
    cache: size,
  })
  .partial()
  .transform(camelKeys)
