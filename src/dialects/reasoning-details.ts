import { z } from 'zod'
import type { ReasoningDetail } from '../contract/chat.ts'
import { absentIfNull } from './accept.ts'

/** One of a client's `reasoning_details`. */
export const reasoningDetail = z.looseObject({
  type: z.enum(['reasoning.text', 'reasoning.summary', 'reasoning.encrypted']),
  text: absentIfNull(z.string()),
  summary: absentIfNull(z.string()),
  data: absentIfNull(z.string()),
  signature: z.string().nullish(),
  id: z.string().nullish(),
  format: absentIfNull(z.string()),
})

/**
 * A client's `reasoning_details` of one format, whole again. Marks of another format are left out, because no provider can read
 * another's.
 */
export function detailsOf(details: readonly ReasoningDetail[] | undefined, format: string): ReasoningDetail[] {
  return wholeDetails(details).filter((detail) => !detail.format || detail.format === format)
}

/** Details put together from the pieces of a stream: many clients hand them back as they came. */
export function wholeDetails(details: readonly ReasoningDetail[] | undefined): ReasoningDetail[] {
  const whole: ReasoningDetail[] = []
  for (const piece of details ?? []) {
    const last = whole.at(-1)
    if (last !== undefined && continues(last, piece)) whole[whole.length - 1] = { ...last, ...piece, ...joined(last, piece) }
    else whole.push(piece)
  }
  return whole
}

/** Whether a detail holds more than words that `reasoning_content` says, too. */
export function isMark({ type, signature }: ReasoningDetail): boolean {
  return type !== 'reasoning.text' || Boolean(signature)
}

/** Whether a piece of a stream goes on with the detail that was told last. */
export function continues(last: ReasoningDetail | undefined, piece: ReasoningDetail): boolean {
  if (last === undefined || last.type === 'reasoning.encrypted' || last.signature) return false
  return piece.type === last.type && piece.index === last.index && (!piece.id || piece.id === last.id)
}

function joined(last: ReasoningDetail, piece: ReasoningDetail): Partial<ReasoningDetail> {
  const words = last.type === 'reasoning.text' ? 'text' : 'summary'
  return { [words]: `${last[words] ?? ''}${piece[words] ?? ''}`, format: last.format ?? piece.format, id: last.id ?? piece.id }
}
