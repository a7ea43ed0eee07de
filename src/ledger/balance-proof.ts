import type { AttemptRow } from '../contract/ledger.ts'
import type { BalanceId, KeptBalance } from '../contract/meter.ts'

// Every balance of a budget or meter is what the attempts say that hold it or have spent it.

export type BalanceSums = Map<string, { held: number; spent: number }>

export function addToBalances(sums: BalanceSums, { state, start, taken = [] }: AttemptRow): void {
  if (state !== 'reserved') {
    for (const share of taken) add(sums, share, { held: 0, spent: share.spent })
    return
  }
  for (const { shares } of start.held ?? []) for (const share of shares) add(sums, share, { held: share.held, spent: 0 })
}

function add(sums: BalanceSums, id: BalanceId, { held, spent }: { held: number; spent: number }): void {
  const key = keyOf(id)
  const sum = sums.get(key)
  if (!sum) sums.set(key, { held, spent })
  else {
    sum.held += held
    sum.spent += spent
  }
}

/** Balances that stood still while the rows were read: of the others, a running gateway's, nothing can be told. */
export function unmoved(before: readonly KeptBalance[], after: readonly KeptBalance[]): readonly KeptBalance[] {
  const had = new Map(before.map((balance) => [keyOf(balance), balance]))
  return after.filter((balance) => {
    const { held, spent } = had.get(keyOf(balance)) ?? {}
    return held === balance.held && spent === balance.spent
  })
}

/** One sentence for each that differs. */
export function unequalBalances(sums: BalanceSums, kept: readonly KeptBalance[]): string[] {
  return kept.flatMap((balance) => {
    const { held, spent } = sums.get(keyOf(balance)) ?? { held: 0, spent: 0 }
    if (held === balance.held && spent + balance.seeded === balance.spent) return []
    const told = `${balance.held} held, ${balance.spent} spent`
    return [`The balance of ${nameOf(balance)} says ${told}, and its rows say ${held} held, ${spent + balance.seeded} spent.`]
  })
}

const keyOf = ({ owner, meter, subject, since }: BalanceId): string => JSON.stringify([owner, meter, subject, since])

/** Subjects are people, and whoever reads a proof need not know them. */
const nameOf = ({ owner, meter, since }: BalanceId): string =>
  `${meter} of ${owner === '' ? 'all' : owner} since ${new Date(since).toISOString()}`
