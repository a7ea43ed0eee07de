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
  const runs: { detail: ReasoningDetail; readonly words: (string | undefined)[] }[] = []
  for (const piece of details ?? []) {
    const last = runs.at(-1)
    if (last === undefined || !continues(last.detail, piece)) runs.push({ detail: piece, words: [piece[wordsOf(piece)]] })
    else {
      const { format, id } = last.detail
      last.detail = { ...last.detail, ...piece, format: format ?? piece.format, id: id ?? piece.id }
      last.words.push(piece[wordsOf(piece)])
    }
  }
  return runs.map(({ detail, words }) => (words.length === 1 ? detail : { ...detail, [wordsOf(detail)]: words.join('') }))
}

/** The details of a stream as they come, put together before their pieces are many. */
export class GrowingDetails {
  #details: ReasoningDetail[] = []
  #most = MANY

  add(pieces: readonly ReasoningDetail[]): void {
    this.#details.push(...pieces)
    if (this.#details.length < this.#most) return
    this.#details = wholeDetails(this.#details)
    this.#most = 2 * this.#details.length + MANY
  }

  get isEmpty(): boolean {
    return this.#details.length === 0
  }

  take(): ReasoningDetail[] {
    const whole = wholeDetails(this.#details)
    this.#details = []
    return whole
  }
}

const MANY = 256

const wordsOf = ({ type }: ReasoningDetail): 'text' | 'summary' => (type === 'reasoning.text' ? 'text' : 'summary')

/** Whether a detail holds more than words that `reasoning_content` says, too. */
export function isMark({ type, signature }: ReasoningDetail): boolean {
  return type !== 'reasoning.text' || Boolean(signature)
}

/** Whether a piece of a stream goes on with the detail that was told last. */
export function continues(last: ReasoningDetail | undefined, piece: ReasoningDetail): boolean {
  if (last === undefined || last.type === 'reasoning.encrypted' || last.signature) return false
  return piece.type === last.type && piece.index === last.index && (!piece.id || piece.id === last.id)
}
