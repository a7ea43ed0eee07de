import type { AttemptRow } from '../../src/contract/ledger.ts'
import type { Installation } from '../support/installation.ts'
import type { Random } from '../support/random.ts'

/** A tenant, and what it may spend. */
export interface Payer {
  readonly id: string
  readonly key: string
}

/** Some that may spend what they like, and some whose budgets bind within a few rounds. */
export interface Payers {
  next(): Payer | undefined
  /** A new one in place of the poorest, who has had the most time to spend what it had. */
  renew(): Promise<void>
  /** Adds what was charged to what was charged before, and tells of every budget that does not hold it. */
  overspent(rows: readonly AttemptRow[]): string[]
}

const RICH = 3
const POOR = 4

export function payersOf({ tenant }: Pick<Installation, 'tenant'>, random: Random): Payers {
  /** By tenant, in nano-dollars. */
  const budgets = new Map<string, bigint>()
  const charged = new Map<string, bigint>()
  const rich: Payer[] = []
  let poor: Payer[] = []
  let number = 0

  async function payer(milliDollars?: number): Promise<Payer> {
    const overrides = milliDollars === undefined ? {} : { budget: { usd: milliDollars / 1_000, per: 'total' } }
    const made = await tenant(`payer-${++number}`, overrides)
    if (milliDollars !== undefined) budgets.set(made.id, BigInt(milliDollars) * 1_000_000n)
    return made
  }

  return {
    next: () => (poor.length === 0 ? undefined : random.pick(random.chance(0.5) ? rich : poor)),
    async renew() {
      try {
        while (rich.length < RICH) rich.push(await payer())
        poor = [...poor, await payer(random.between(1, 15))].slice(-POOR)
      } catch (error) {
        // A gateway whose database was just harmed may say no: others ask meanwhile.
        if (poor.length === 0) throw error
      }
    },
    overspent(rows) {
      for (const { start, charge } of rows) charged.set(start.tenant, (charged.get(start.tenant) ?? 0n) + BigInt(charge ?? 0))
      return [...budgets].flatMap(([id, budget]) => {
        const spent = charged.get(id) ?? 0n
        return spent > budget ? [`tenant ${id} was charged ${spent} nano-dollars of ${budget}`] : []
      })
    },
  }
}
