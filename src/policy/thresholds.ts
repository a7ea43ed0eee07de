import type { Move } from '../contract/meter.ts'
import type { Place } from './metered.ts'

/** So much of a balance is spent now and was not before. */
export interface Passed {
  readonly place: Place
  readonly move: Move
  readonly allow: number
  readonly percent: number
}

/** What is spent only grows until its period is over, and the books tell what it was before: each share is passed once, in whichever process. */
export function percentsPassed(
  { percents, allow }: { readonly percents: readonly number[]; readonly allow: number },
  { before, spent }: Pick<Move, 'before' | 'spent'>,
): readonly number[] {
  return percents.filter((percent) => before < allow * (percent / 100) && allow * (percent / 100) <= spent)
}
