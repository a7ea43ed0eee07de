import type { AttemptRow, AttemptState } from '../../contract/ledger.ts'

export type WrittenAttempt = [start: string, state: AttemptState | null, outcome: string | null, cost: number | null, charge: number | null]

export function decodeAttempt([start, state, rest, cost, charge]: WrittenAttempt): AttemptRow {
  const { outcome, lines }: Pick<AttemptRow, 'outcome' | 'lines'> = rest === null ? { outcome: undefined, lines: [] } : JSON.parse(rest)
  return { start: JSON.parse(start), state: state ?? 'reserved', outcome, lines, cost, charge }
}
