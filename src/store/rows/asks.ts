import type { Asked } from '../../contract/asked.ts'
import { tenantId } from '../../contract/ids.ts'

/** Days that are kept. */
export const KEPT_DAYS = 35
/** Shapes of one tenant and day; one who asks for names without end fills his own day only. */
export const MOST_SHAPES = 500

type Figures = [number, number, number, number, number, number, number, number, number, number]
export type AskRow = [tenant: string, day: number, shape: string, ...Figures]

export const ASK_COLUMNS = 'asked, refused, answered, input, output, cache_read, cache_write, reasoning, least_tokens, input_tokens'

/** '' is the rest of a day. */
export const shapeText = ({ shape }: Asked): string => (shape === undefined ? '' : JSON.stringify(shape))

export function figuresOf(one: Asked): Figures {
  const { asked, refused, answered, input, output, cacheRead, cacheWrite, reasoning, leastTokens, inputTokens } = one
  return [asked, refused, answered, input, output, cacheRead, cacheWrite, reasoning, leastTokens, inputTokens]
}

export function decodeAsked([tenant, day, shape, ...figures]: AskRow): Asked {
  const [asked, refused, answered, input, output, cacheRead, cacheWrite, reasoning, leastTokens, inputTokens] = figures
  return {
    ...{ tenant: tenantId(tenant), day, shape: shape === '' ? undefined : JSON.parse(shape) },
    ...{ asked, refused, answered, input, output, cacheRead, cacheWrite, reasoning, leastTokens, inputTokens },
  }
}
