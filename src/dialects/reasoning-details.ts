import type { ReasoningDetail } from '../contract/chat.ts'

/**
 * A client's `reasoning_details` of one format, whole again: many clients hand back the pieces of a stream as they came. Marks of another
 * format are left out, because no provider can read another's.
 */
export function detailsOf(details: readonly ReasoningDetail[] | undefined, format: string): ReasoningDetail[] {
  const whole: ReasoningDetail[] = []
  for (const piece of details ?? []) {
    const last = whole.at(-1)
    if (last !== undefined && continues(last, piece)) whole[whole.length - 1] = { ...last, ...piece, ...joined(last, piece) }
    else whole.push(piece)
  }
  return whole.filter((detail) => !detail.format || detail.format === format)
}

function continues(last: ReasoningDetail, piece: ReasoningDetail): boolean {
  return last.type === 'reasoning.text' && piece.type === last.type && !last.signature && piece.index === last.index && !piece.id
}

function joined(last: ReasoningDetail, piece: ReasoningDetail): Partial<ReasoningDetail> {
  return { text: `${last.text ?? ''}${piece.text ?? ''}`, format: last.format ?? piece.format, id: last.id ?? piece.id }
}
