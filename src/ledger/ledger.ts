import { setTimeout as sleep, setImmediate as tick } from 'node:timers/promises'
import type { AttemptRow, AttemptStart, Ledger, Outcome, Priced, Spare, Ticket, Written } from '../contract/ledger.ts'
import type { Draw, Held, Move, Overdraft } from '../contract/meter.ts'
import type { LedgerStore } from '../contract/store.ts'
import { GatewayError } from '../errors.ts'
import { chargedBy, takenBy } from './metering.ts'

interface Input {
  readonly store: LedgerStore
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly price: (start: AttemptStart, outcome: Outcome) => Priced
  /** Hears of everything the books could not take, once per trouble; what can be written later is. */
  readonly onError?: (error: unknown) => void
  /** Hears of every balance that a transaction looked at. */
  readonly onMoves?: (moves: readonly Move[]) => void
  /** How many rows may wait for the disk before new attempts are refused. Ends of attempts always find room. */
  readonly room?: number
}

export interface Books extends Ledger {
  /** Why attempts are not booked just now. A failure is told for five seconds, so that the next request finds out whether it lasts. */
  trouble(): string | undefined
  /**
   * Closes the attempts that dead processes left open, as estimates: their bytes were sent, so they are never freed. Resolves with how
   * many. To be called at boot and every half minute, for a process may count as dead only half a minute after its last sign of life.
   */
  recover(): Promise<number>
}

interface Waiting {
  readonly row: AttemptRow
  written(came: Came): void
  failed(error: GatewayError): void
  /** It is durable beside the books. */
  kept?: true
}

/** What it holds of its meters, or why they have no room for it. */
interface Came {
  readonly held?: readonly Held[] | undefined
  readonly overdraft?: Overdraft | undefined
}

/** A bound, for a loop so busy that every turn brings a row. */
const MOST_TURNS = 4

const FREE: Priced = { lines: [], cost: 0, charge: 0 }
const UNKNOWN: Priced = { lines: [], cost: null, charge: null }

/** Books attempts durably. All that opens and ends within one turn of the event loop is written in one transaction, for the commit is what costs. */
export function createLedger(input: Input): Books {
  const { now, onError = () => {}, onMoves = () => {}, room = 10_000 } = input
  const price = safely(input.price, onError)
  const writer = createWriter({ store: input.store, now, onError, onMoves })
  let recovering: Promise<number> | undefined

  return {
    open,
    flush: writer.flush,
    trouble: () => (writer.waiting() >= room ? 'the books are behind' : writer.trouble()),
    recover: () => (recovering ??= recover().finally(() => (recovering = undefined))),
  }

  async function recover(): Promise<number> {
    for (let closed = 0; ; await sleep(REST)) {
      const rows = (await input.store.open()).map((row) => (row.state === 'reserved' ? estimated(row.start) : row))
      const { refused, moves } = await input.store.write(rows)
      onMoves(moves)
      if (refused.length === rows.length) return closed
      closed += rows.length - refused.length
    }
  }

  function open(start: AttemptStart): Promise<Ticket>
  function open(start: AttemptStart, draws: readonly Draw[] | undefined): Promise<Ticket | Overdraft>
  async function open(start: AttemptStart, draws?: readonly Draw[]): Promise<Ticket | Overdraft> {
    if (writer.waiting() >= room) throw unavailable('The books are behind')
    const { overdraft, held } = await writer.write({ ...UNKNOWN, start, state: 'reserved', outcome: undefined, ...(draws && { draws }) })
    return overdraft ?? ticket(held ? { ...start, held } : start)
  }

  function ticket(start: AttemptStart): Ticket {
    let booked: ReturnType<Ticket['settle']> | undefined
    return { settle: (outcome) => (booked ??= settle(start, outcome)) }
  }

  function settle(start: AttemptStart, outcome: Outcome): ReturnType<Ticket['settle']> {
    const row = ended(start, outcome)
    const booked = writer.write(row).then(() => ({ cost: row.cost, charge: row.charge }))
    // Whoever cannot wait for the disk may ignore the promise: `onError` has heard of a failure.
    booked.catch(() => {})
    return booked
  }

  function estimated(start: AttemptStart): AttemptRow {
    const timings = { total: Math.max(0, now() - start.at) }
    return ended(start, { state: 'estimated', usage: undefined, status: 500, code: 'internal_error', unseen: true, timings })
  }

  function ended(start: AttemptStart, outcome: Outcome): AttemptRow {
    const priced = price(start, outcome)
    const taken = takenBy(start, outcome, priced.cost)
    return { ...priced, charge: chargedBy(taken, priced), start, state: outcome.state, outcome, ...(taken && { taken }) }
  }
}

/** A price that cannot be computed is unknown; the attempt is booked all the same. */
function safely(price: Input['price'], onError: (error: unknown) => void): Input['price'] {
  return (start, outcome) => {
    if (outcome.state === 'released') return FREE
    try {
      return price(start, outcome)
    } catch (error) {
      onError(error)
      return UNKNOWN
    }
  }
}

/** Milliseconds. */
const TOLD = 5_000
/** Milliseconds in which requests have the process to themselves while much is closed that a crash left. */
const REST = 10

/** Writes rows in the order they come, a batch at a time. */
function createWriter({ store, now, onError, onMoves }: Pick<Input, 'store' | 'now'> & Required<Pick<Input, 'onError' | 'onMoves'>>) {
  let queue: Waiting[] = []
  let draining: Promise<void> | undefined
  let failedAt = Number.NEGATIVE_INFINITY
  /** Why this process writes no more: what a disk has lost once cannot be made good by writing on. */
  let lost: unknown

  return {
    waiting: () => queue.length,
    trouble: () => (lost || now() - failedAt < TOLD ? 'the books cannot be written' : undefined),
    /** Resolves when the row is durable. */
    write(row: AttemptRow): Promise<Came> {
      return new Promise((written, failed) => {
        queue.push({ row, written, failed })
        if (lost) queue = postponed(queue, lost, store.spare?.())
        else draining ??= drain()
      })
    },
    /** Resolves when nothing waits any more, or what waits is where the next process finds it. */
    async flush() {
      while (draining && !(queue.length > 0 && queue.every(({ kept }) => kept))) await Promise.race([draining, sleep(20)])
    },
  }

  async function drain(): Promise<void> {
    for (let failures = 0; queue.length > 0 && !lost; ) {
      await (failures === 0 ? gathered() : sleep(Math.min(500, 25 * 2 ** failures)))
      const batch = queue
      queue = []
      try {
        const written = await store.write(batch.map(({ row }) => row))
        onMoves(written.moves)
        report(batch, written, onError)
        if (batch.some(({ kept }) => kept)) store.spare?.()?.clear()
        failures = 0
        failedAt = Number.NEGATIVE_INFINITY
      } catch (error) {
        if (failures++ === 0) onError(error)
        failedAt = now()
        if (error instanceof GatewayError && error.code === 'database_unusable') lost = error
        queue = postponed([...batch, ...queue], error, store.spare?.())
      }
    }
    draining = undefined
  }

  /** A turn of the loop, and more while each brings rows: under load a commit is shared by more of them, and alone nobody waits. */
  async function gathered(): Promise<void> {
    for (let turns = 0, had = 0; queue.length > had && turns < MOST_TURNS; turns++) {
      had = queue.length
      await tick()
    }
  }
}

/** No bytes have gone out for an attempt that is about to open, so it may fail; an end has happened and waits until it is written. */
function postponed(waiting: readonly Waiting[], cause: unknown, spare: Spare | undefined): Waiting[] {
  for (const { row, failed } of waiting) if (row.state === 'reserved') failed(unavailable('The books cannot be written', cause))
  const ends = waiting.filter(({ row }) => row.state !== 'reserved')
  keepAside(ends, spare)
  return ends
}

/** An end that no crash can lose any more keeps nobody waiting. */
function keepAside(ends: readonly Waiting[], spare: Spare | undefined): void {
  const loose = ends.filter(({ kept }) => !kept)
  if (!spare || loose.length === 0) return
  try {
    spare.keep(loose.map(({ row }) => row))
  } catch {
    // There is no room either: they wait until the books take them.
    return
  }
  for (const end of loose) {
    end.kept = true
    end.written({})
  }
}

function report(batch: readonly Waiting[], { held, overdrawn, ...rest }: Written, onError: (error: unknown) => void): void {
  const refused = new Set(rest.refused)
  for (const { row, written, failed } of batch) {
    if (!refused.has(row)) {
      written({ held: held.get(row), overdraft: overdrawn.get(row) })
      continue
    }
    const error = notBooked(row)
    onError(error)
    failed(error)
  }
}

const unavailable = (what: string, cause?: unknown): GatewayError =>
  new GatewayError('ledger_unavailable', `${what}, so nothing was sent to a provider. Try again in a second.`, { retryAfter: 1, cause })

function notBooked({ start, state }: AttemptRow): GatewayError {
  const why = state === 'reserved' ? 'is booked already' : `was closed before it could end as ${state}`
  return new GatewayError('internal_error', `Attempt ${start.attempt} of request ${start.requestId} ${why}. Its row in the books stands.`)
}
