import type { AttemptRow } from '../contract/ledger.ts'
import { dollarsOf } from '../contract/money.ts'
import type { SealedDay } from '../contract/retention.ts'
import type { LedgerStore, UsageSum } from '../contract/store.ts'
import { addToBalances, type BalanceSums, unequalBalances, unmoved } from './balance-proof.ts'
import { totalOf } from './cost.ts'
import { chargedBy } from './metering.ts'

export interface BooksReport {
  readonly attempts: number
  /** How many are in each state. */
  readonly states: Readonly<Record<string, number>>
  /** What was deleted of the oldest days; undefined where nothing was. */
  readonly deleted: { readonly attempts: number; readonly through: string } | undefined
  /** One sentence for each thing that does not add up. */
  readonly wrong: readonly string[]
}

/**
 * Reads all of the books: each attempt ended once or is open, each cost is the sum of its lines, each total the sum of its rows. Of a day
 * of which rows were deleted, all totals together are those of what was deleted and what is left. `now` in milliseconds.
 */
export async function verifyBooks(store: LedgerStore, now: number): Promise<BooksReport> {
  for (let reading = 1; ; reading++) {
    const report = await readBooks(store, now)
    // A row may end between the reading of the rows and of their sums: what is wrong only then is right the next time.
    if (report.wrong.length === 0 || reading === 3) return report
  }
}

const PAGE = 1_000
const HOUR = 3_600_000

async function readBooks(store: LedgerStore, now: number): Promise<BooksReport> {
  const [sealed, sums] = await Promise.all([store.sealed(), store.usage({ from: 0, to: now + HOUR })])
  const sealedDays = new Map(sealed.map((day) => [day.day, day]))
  const added = new Map<string, Total>()
  const states: Record<string, number> = {}
  const before = await store.balances(0)
  const moved: BalanceSums = new Map()
  const wrong: string[] = []
  let attempts = 0
  for await (const row of allRows(store)) {
    attempts++
    states[row.state] = (states[row.state] ?? 0) + 1
    wrong.push(...troubleWith(row))
    addTo(added, row)
    addToBalances(moved, row)
  }
  const unsealed = sums.filter(({ day }) => !sealedDays.has(day))
  const rows = new Map([...added].filter(([, { day }]) => !sealedDays.has(day)))
  const byDay = { sums: Map.groupBy(sums, ({ day }) => day), left: Map.groupBy(added.values(), ({ day }) => day) }
  const broken = sealed.flatMap((seal) => brokenSeal(seal, byDay.sums.get(seal.day) ?? [], byDay.left.get(seal.day) ?? []))
  const resting = unmoved(before, await store.balances(endOfSeals(sealed)))
  return {
    attempts,
    states,
    deleted: deletedIn(sealed),
    wrong: [...wrong, ...broken, ...unequal(rows, unsealed), ...unequalBalances(moved, resting)],
  }
}

/** Of balances that began before it, some rows are gone. */
const endOfSeals = (sealed: readonly SealedDay[]): number => Math.max(0, ...sealed.map(({ day }) => Date.parse(day) + 24 * HOUR))

async function* allRows(store: LedgerStore): AsyncIterable<AttemptRow> {
  let last: AttemptRow | undefined
  do {
    const rows = await store.requests({ limit: PAGE, ...(last && { before: last.start }) })
    yield* rows
    last = rows.at(-1)
  } while (last)
}

function troubleWith({ start, state, outcome, taken, ...priced }: AttemptRow): string[] {
  const { lines, cost, charge } = priced
  const name = `Attempt ${start.attempt} of request ${start.requestId}`
  if (state === 'reserved') return []
  const trouble: string[] = []
  if (outcome?.state !== state) trouble.push(`${name} is ${state}, and its outcome says ${outcome?.state ?? 'nothing'}.`)
  if (state === 'released' && (cost !== 0 || charge !== 0)) trouble.push(`${name} was released, and is not free.`)
  const total = state === 'released' ? 0 : totalOf(lines)
  if (cost !== null && cost !== total) trouble.push(`${name} costs ${dollarsOf(cost)} USD, and its lines add up to ${dollarsOf(total)}.`)
  const due = chargedBy(taken, { ...priced, charge: start.source === 'tenant' ? 0 : cost })
  if (charge !== due) trouble.push(`${name} is charged ${told(charge)}, and what it cost and its meters say ${told(due)}.`)
  return trouble
}

const told = (nano: number | null): string => (nano === null ? 'an unknown sum' : `${dollarsOf(nano)} USD`)

interface Total {
  readonly day: string
  requests: number
  cost: bigint
  charge: bigint
  unpriced: number
}

/** As the store sums: what was not processed is in no sum, and an unknown price is counted in place of added. */
function addTo(totals: Map<string, Total>, { start, state, cost, charge }: AttemptRow): void {
  if (state === 'reserved' || state === 'released') return
  const day = new Date(start.at).toISOString().slice(0, 10)
  const place = placeOf({ ...start, day })
  const total = totals.get(place) ?? { day, requests: 0, cost: 0n, charge: 0n, unpriced: 0 }
  total.requests++
  total.cost += BigInt(cost ?? 0)
  total.charge += BigInt(charge ?? 0)
  if (cost === null) total.unpriced++
  totals.set(place, total)
}

type Place = Pick<UsageSum, 'day' | 'tenant' | 'provider' | 'wireModel' | 'source'>

const placeOf = ({ day, tenant, provider, wireModel, source }: Place): string => [day, tenant, `${provider}/${wireModel}`, source].join(' ')

function deletedIn(sealed: readonly SealedDay[]): BooksReport['deleted'] {
  const last = sealed.at(-1)
  return last && { attempts: sealed.reduce((sum, { attempts }) => sum + attempts, 0), through: last.day }
}

function brokenSeal(seal: SealedDay, sums: readonly UsageSum[], left: readonly Total[]): string[] {
  const [kept, told] = [wordsOf(together(seal.day, sums)), wordsOf(together(seal.day, [seal, ...left]))]
  return kept === told ? [] : [`The sums of ${seal.day} say ${kept}, and what was deleted of it and what is left say ${told}.`]
}

function together(day: string, parts: readonly Omit<Total, 'day'>[]): Total {
  const total: Total = { day, requests: 0, cost: 0n, charge: 0n, unpriced: 0 }
  for (const { requests, cost, charge, unpriced } of parts) {
    total.requests += requests
    total.cost += cost
    total.charge += charge
    total.unpriced += unpriced
  }
  return total
}

function unequal(added: ReadonlyMap<string, Total>, sums: readonly UsageSum[]): string[] {
  const kept = new Map(sums.map((sum): [string, Total] => [placeOf(sum), sum]))
  return [...new Set([...added.keys(), ...kept.keys()])].flatMap((place) => {
    const [rows, sum] = [wordsOf(added.get(place)), wordsOf(kept.get(place))]
    return rows === sum ? [] : [`The sum of ${place} says ${sum}, and its rows say ${rows}.`]
  })
}

function wordsOf(total: Total | undefined): string {
  if (!total) return 'nothing'
  const { requests, cost, charge, unpriced } = total
  return `${requests} attempts, cost ${dollarsOf(cost)}, charge ${dollarsOf(charge)}, ${unpriced} unpriced`
}
