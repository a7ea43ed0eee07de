import type { AttemptRow, AttemptStart, AttemptState } from '../../contract/ledger.ts'
import type { Share, Taken } from '../../contract/meter.ts'

export type WrittenAttempt = [start: string, state: AttemptState | null, outcome: string | null, cost: number | null, charge: number | null]

interface End extends Pick<AttemptRow, 'outcome' | 'lines'> {
  /** What each share that the start holds came to, with the meter's fee where it has one; whose shares they are, the start alone says. */
  readonly spent?: readonly (number | readonly [spent: number, fee: number | null])[] | undefined
}

export const encodeStart = ({ start }: AttemptRow): string => JSON.stringify(start)

export function encodeEnd({ outcome, lines, taken }: AttemptRow): string {
  const spent = taken?.map(({ spent, fee }) => (fee === undefined ? spent : ([spent, fee] as const)))
  return JSON.stringify({ outcome, lines, spent } satisfies End)
}

export function decodeAttempt([written, state, rest, cost, charge]: WrittenAttempt): AttemptRow {
  const start: AttemptStart = JSON.parse(written)
  if (rest === null) return { start, state: state ?? 'reserved', outcome: undefined, lines: [], cost, charge }
  const { outcome, lines, spent }: End = JSON.parse(rest)
  const taken = spent && takenOf(start, spent)
  return { start, state: state ?? 'reserved', outcome, lines, cost, charge, ...(taken && { taken }) }
}

function takenOf({ held = [] }: AttemptStart, spent: NonNullable<End['spent']>): readonly Taken[] {
  const shares = held.flatMap((draw) => draw.shares)
  return spent.map((one, at) => {
    const { fee: _rate, ...share } = shares[at] ?? ERASED
    return typeof one === 'number' ? { ...share, spent: one } : { ...share, spent: one[0], fee: one[1] }
  })
}

/** Its tenant was erased, and whose it was with it. */
const ERASED: Share = { owner: '', meter: '', subject: '', since: 0, held: 0 }
