import type { AttemptRow } from '../../contract/ledger.ts'
import type { Balance, BalanceId, Draw, Held, Move, Overdraft, Share, Source, Taken } from '../../contract/meter.ts'

// Who is let in, decided for every engine alike, in the transaction that has all balances in question before it.

/** A balance that a batch touches. */
export interface Wanted {
  readonly source: Source
  /** Something may be drawn from it, so where there is none yet it begins. */
  readonly opens: boolean
}

/** Each once, in the one order in which every process locks them. */
export function wantedBy(rows: readonly AttemptRow[]): readonly Wanted[] {
  const wanted = new Map<string, Wanted>()
  for (const { draws = [], taken = [] } of rows) {
    for (const { sources } of draws) {
      for (const source of sources) wanted.set(source.rolls ? placeOf(source) : keyOf(source), { source, opens: true })
    }
    for (const { owner, meter, subject, since } of taken) {
      const source = { owner, meter, subject, since, until: null, allow: null }
      if (!wanted.has(keyOf(source))) wanted.set(keyOf(source), { source, opens: false })
    }
  }
  return wanted.size < 2 ? [...wanted.values()] : [...wanted].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
}

const placeOf = ({ owner, meter, subject }: BalanceId): string => `${owner}\n${meter}\n${subject}`
const keyOf = (id: BalanceId): string => `${placeOf(id)}\n${id.since}`

/** A balance, and how it was when the transaction began. */
export interface Entry {
  readonly source: Source
  readonly since: number
  readonly isNew: boolean
  readonly before: Pick<Balance, 'held' | 'spent'>
  held: number
  spent: number
}

export class BalanceSheet {
  readonly #entries = new Map<string, Entry>()
  /** Windows that run, by place. */
  readonly #running = new Map<string, Entry>()

  /** What stands for a source; `spent` of what stands nowhere yet is what it begins with. */
  load(source: Source, stands: { since?: number; held: number; spent: number; isNew: boolean }): void {
    const { since = source.since, held, spent, isNew } = stands
    const entry: Entry = { source, since, isNew, before: { held, spent }, held, spent }
    this.#entries.set(keyOf({ ...source, since }), entry)
    if (source.rolls) this.#running.set(placeOf(source), entry)
  }

  /** An attempt is over: what it held is free again, and what it took is spent. */
  end(taken: readonly Taken[] = []): void {
    for (const share of taken) {
      const entry = this.#entries.get(keyOf(share))
      if (!entry) continue
      entry.held -= share.held
      entry.spent += share.spent
    }
  }

  /** Lets an attempt in with all it may take, or not at all. */
  hold(draws: readonly Draw[] = []): readonly Held[] | Overdraft {
    const held: Held[] = []
    for (const [at, draw] of draws.entries()) {
      const shares = this.#sharesOf(draw)
      if (!shares) {
        this.free(held)
        return { draw: at, ...this.#standing(draw) }
      }
      held.push({ count: draw.count, weight: draw.weight, shares })
    }
    return held
  }

  /** Takes a hold back. */
  free(held: readonly Held[]): void {
    for (const { shares } of held) for (const share of shares) this.#add(share, -share.held)
  }

  /** Every balance that is not as it was. */
  changed(): readonly Entry[] {
    return [...this.#entries.values()].filter((entry) => entry.held !== entry.before.held || entry.spent !== entry.before.spent)
  }

  /** Every balance as it stands now. */
  moves(): readonly Move[] {
    return [...this.#entries.values()].map(({ source: { owner, meter, subject }, since, held, spent, before }) => {
      return { owner, meter, subject, since, held, spent, before: before.spent }
    })
  }

  #entryOf(source: Source): Entry | undefined {
    return source.rolls ? this.#running.get(placeOf(source)) : this.#entries.get(keyOf(source))
  }

  #roomIn(source: Source): number {
    const { spent, held } = this.#entryOf(source) ?? NOTHING
    return source.allow === null ? Number.POSITIVE_INFINITY : Math.max(0, source.allow - spent - held)
  }

  /** Undefined: there is too little room, and nothing was held. */
  #sharesOf({ bound, sources }: Draw): [Share, ...Share[]] | undefined {
    const shares: Share[] = []
    let rest = bound
    for (const [at, source] of sources.entries()) {
      const room = this.#roomIn(source)
      const isLast = at === sources.length - 1
      if (room <= 0 || (isLast && rest > room)) continue
      const part = Math.min(rest, room)
      shares.push(this.#share(source, part))
      rest -= part
      if (rest === 0) return shares as [Share, ...Share[]]
    }
    for (const share of shares) this.#add(share, -share.held)
    return undefined
  }

  #share(source: Source, held: number): Share {
    const { owner, meter, subject, fee } = source
    const since = this.#entryOf(source)?.since ?? source.since
    const share = { owner, meter, subject, since, held, ...(fee && { fee }) }
    this.#add(share, held)
    return share
  }

  #add(id: BalanceId, amount: number): void {
    const entry = this.#entries.get(keyOf(id))
    if (entry) entry.held += amount
  }

  #standing({ sources }: Draw): Omit<Overdraft, 'draw'> {
    const { spent, held } = this.#entryOf(sources[sources.length - 1] ?? sources[0]) ?? NOTHING
    return { spent, held, left: sources.reduce((sum, source) => sum + this.#roomIn(source), 0) }
  }
}

const NOTHING = { spent: 0, held: 0 }

export const isOverdraft = (held: readonly Held[] | Overdraft): held is Overdraft => 'draw' in held

/** What an attempt that took nothing gives back. */
export const freed = (held: readonly Held[] = []): readonly Taken[] =>
  held.flatMap(({ shares }) => shares.map(({ fee: _fee, ...share }) => ({ ...share, spent: 0 })))
