import type { Observer } from '../contract/gateway.ts'
import type { Observed } from '../contract/ranking.ts'

/** What was seen lately, by `provider/wire-model`. Another object each time it has changed. */
export type Seen = ReadonlyMap<string, Observed>

type Attempt = Parameters<Observer['attempt']>[0]

/** Follows what attempts show of each offer: small, bounded, and forgetting. */
export interface Observations {
  /** To be told once of every attempt. */
  attempt(event: Attempt): void
  seen(): Seen
}

/** Offers that are remembered; beyond them, the one used longest ago is forgotten. */
const MOST = 256
/** Milliseconds for which one view serves, as a look at each record on every request would cost more than it tells. */
const VIEW = 250

export function createObservations(now: () => number): Observations {
  const records = new Map<string, Recorded>()
  let [view, takenAt]: [Seen, number] = [new Map(), Number.NEGATIVE_INFINITY]
  return {
    attempt(event) {
      const verdict = verdictOn(event)
      if (verdict === undefined) return
      const name = event.offer.names.qualified
      const record = records.get(name) ?? new Recorded(now())
      record.add(event, verdict, now())
      // Set anew, so that the first of the map is the one used longest ago.
      records.delete(name)
      records.set(name, record)
      const [oldest] = records.keys()
      if (records.size > MOST && oldest !== undefined) records.delete(oldest)
    },
    seen() {
      const at = now()
      if (records.size === 0 || at - takenAt < VIEW) return view
      for (const [name, record] of records) if (record.isFaint(at)) records.delete(name)
      view = new Map([...records].map(([name, record]) => [name, record.read(at)]))
      takenAt = at
      return view
    },
  }
}

/** Whether the provider did its work; undefined where the attempt says nothing about that, as when the client left or asked amiss. */
function verdictOn({ code, status, offer }: Attempt): 'served' | 'failed' | undefined {
  if (code === 'ok') return 'served'
  // Who sends too much is told 429, and that is the offer's trouble only where all share the key.
  if (code === 'upstream_error') return status >= 500 || (status === 429 && offer.credential.source === 'platform') ? 'failed' : undefined
  return FAULTS.has(code) ? 'failed' : undefined
}

const FAULTS: ReadonlySet<string> = new Set([
  'upstream_unreachable',
  'upstream_timeout',
  'upstream_disconnected',
  'upstream_protocol_error',
  'upstream_model_gone',
])

/** Milliseconds until an attempt counts half. */
const HALF_LIFE = 5 * 60_000
/** What weighs less says nothing any more. */
const FAINT = 0.05
/** Milliseconds: providers count by the minute. */
const HEADROOM_HOLDS = 60_000

/** Sums over attempts, each weighed by its age. */
class Recorded {
  #at: number
  #weight = 0
  #failed = 0
  #firstByte = { sum: 0, weight: 0 }
  #cached = { sum: 0, weight: 0 }
  #headroom: { readonly left: number; readonly at: number } | undefined

  constructor(now: number) {
    this.#at = now
  }

  add({ firstByteMs, usage, headroom, offer }: Attempt, verdict: 'served' | 'failed', now: number): void {
    this.#age(now)
    this.#weight += 1
    if (verdict === 'failed') this.#failed += 1
    if (firstByteMs !== undefined) add(this.#firstByte, firstByteMs)
    if (usage?.input) add(this.#cached, Math.min(1, (usage.cacheRead ?? 0) / usage.input))
    if (headroom !== undefined && offer.credential.source === 'platform') this.#headroom = { left: headroom, at: now }
  }

  read(now: number): Observed {
    this.#age(now)
    const { sum, weight } = this.#firstByte
    return {
      weight: this.#weight,
      firstByte: weight > 0 ? sum / weight : undefined,
      failing: this.#failed / this.#weight,
      cached: this.#cached.weight > 0 ? this.#cached.sum / this.#cached.weight : 0,
      headroom: this.#headroom && now - this.#headroom.at < HEADROOM_HOLDS ? this.#headroom.left : undefined,
    }
  }

  isFaint(now: number): boolean {
    this.#age(now)
    return this.#weight < FAINT
  }

  #age(now: number): void {
    const left = 2 ** ((this.#at - now) / HALF_LIFE)
    this.#at = now
    this.#weight *= left
    this.#failed *= left
    for (const mean of [this.#firstByte, this.#cached]) {
      mean.sum *= left
      mean.weight *= left
    }
  }
}

function add(mean: { sum: number; weight: number }, value: number): void {
  mean.sum += value
  mean.weight += 1
}
