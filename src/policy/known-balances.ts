import type { Balance, BalanceId, Move, Source } from '../contract/meter.ts'
import type { Place } from './metered.ts'

/** Balances of which something is remembered; the one that moved longest ago is forgotten first. */
const MOST = 50_000

/** What this process has seen of balances: some may have moved on in other processes, and none has moved back. */
export class Known {
  readonly #seen = new Map<string, Seen>()

  /** The most that may be left of these. What is held counts for nothing here: it may be given back, and the books know. */
  room(sources: readonly Source[], now: number): { left: number; spent: number } {
    let left = 0
    let spent = 0
    for (const source of sources) {
      spent = this.#spentOf(source, now)
      left += source.allow === null ? Number.POSITIVE_INFINITY : Math.max(0, source.allow - spent)
    }
    return { left, spent }
  }

  /** When the period of this one is over, in milliseconds: of a window that runs, not of one that would begin now. */
  endOf(source: Source): number | null {
    const balance = source.rolls && this.#seen.get(keyOf(source))?.balance
    const end = balance ? windowEnd(source, balance) : 0
    return end > source.since ? end : source.until
  }

  /** Remembers by which rule a balance is counted. */
  watch(place: Place): void {
    const key = keyOf(place)
    const seen = this.#seen.get(key)
    if (seen) seen.place = place
    else this.#keep(key, { place, balance: undefined })
  }

  /** With the place it is counted at, where that was watched. */
  learn({ before: _before, ...balance }: Move): Place | undefined {
    const key = keyOf(balance)
    const place = this.#seen.get(key)?.place
    this.#keep(key, { place, balance })
    return place
  }

  #spentOf(source: Source, now: number): number {
    const balance = this.#seen.get(keyOf(source))?.balance
    if (!balance) return 0
    const runs = source.rolls ? now < windowEnd(source, balance) : balance.since === source.since
    return runs ? balance.spent : 0
  }

  #keep(key: string, seen: Seen): void {
    this.#seen.delete(key)
    if (this.#seen.size >= MOST) {
      const [oldest] = this.#seen.keys()
      if (oldest !== undefined) this.#seen.delete(oldest)
    }
    this.#seen.set(key, seen)
  }
}

interface Seen {
  place: Place | undefined
  readonly balance: Balance | undefined
}

/** A window is as long as the one that would begin now. */
const windowEnd = (source: Source, { since }: Balance): number => since + (source.until ?? 0) - source.since

const keyOf = ({ owner, meter, subject }: Omit<BalanceId, 'since'>): string => `${owner}\n${meter}\n${subject}`
