import type { Candidate, Preference } from '../contract/catalog.ts'
import type { Ask } from '../contract/decision.ts'
import type { Provider } from '../contract/provider.ts'
import type { Observed, Ranked, Roster, Shape } from '../contract/ranking.ts'
import type { Seen } from './observations.ts'
import { PREFERENCES, scoreOf } from './ranking.ts'

/** Ranks the candidates of one list for one request. */
export type Ranker = (candidates: readonly Candidate[], preference: Preference, ask: Pick<Ask, 'inputTokens' | 'maxOutput'>) => Ranked

/**
 * Few offers are ever used, and only those that are have been seen to be fast or to fail. So the whole list is sorted once for a shape of
 * request, and what was seen is put in its place among the rest as often as the view of it changes.
 */
export function createRanker(seen: () => Seen = () => NOTHING_SEEN): Ranker {
  const rosters = new WeakMap<readonly Candidate[], RankedRoster>()
  return (candidates, preference, ask) => {
    let roster = rosters.get(candidates)
    if (!roster) rosters.set(candidates, (roster = new RankedRoster(candidates)))
    return roster.ranked({ preference, shape: shapeOf(ask) }, seen())
  }
}

const NOTHING_SEEN: Seen = new Map()

interface Question {
  readonly preference: Preference
  readonly shape: Shape
}

/** What an answer has where nobody bounds it: about the mean of what assistants say. */
const USUAL_OUTPUT = 512
const LEAST_INPUT = 256
const LEAST_OUTPUT = 64

/** Tokens to the nearest power of two: requests that hardly differ are ranked alike, so that their order can be kept. */
export function shapeOf({ inputTokens, maxOutput = USUAL_OUTPUT }: Pick<Ask, 'inputTokens' | 'maxOutput'>): Shape {
  return { input: rounded(inputTokens, LEAST_INPUT), output: rounded(Math.min(maxOutput, USUAL_OUTPUT), LEAST_OUTPUT) }
}

const rounded = (tokens: number, least: number): number => (tokens <= least ? least : 2 ** Math.round(Math.log2(tokens)))

/** An order before anything was seen, and the totals it is by. */
interface Calm {
  readonly order: Uint32Array
  readonly totals: Float64Array
}

/** Shapes, times preferences, that are kept; all that one installation sees. */
const MOST_ORDERS = 64

class RankedRoster implements Roster {
  readonly candidates: readonly Candidate[]
  readonly providers: readonly Provider[]
  readonly providerAt: Uint16Array
  readonly #places: ReadonlyMap<string, readonly number[]>
  readonly #calm = new Map<string, Calm>()
  #view: Seen | undefined
  #orders = new Map<string, Uint32Array>()

  constructor(candidates: readonly Candidate[]) {
    const providers = new Map<Provider, number>()
    this.candidates = candidates
    this.providerAt = Uint16Array.from(candidates, ({ provider }) => placeOf(provider, providers))
    this.providers = [...providers.keys()]
    this.#places = Map.groupBy(candidates.keys(), (place) => candidates[place]?.names.qualified ?? '')
  }

  ranked(question: Question, view: Seen): Ranked {
    const key = `${question.preference} ${question.shape.input} ${question.shape.output}`
    if (this.#view !== view) {
      this.#view = view
      this.#orders = new Map()
    }
    const order = this.#orders.get(key) ?? this.#merged(this.#calmOrder(key, question), question, view)
    this.#orders.set(key, order)
    const { preference, shape } = question
    const score = (place: number) => {
      const candidate = this.#candidate(place)
      return scoreOf(candidate, preference, { shape, seen: view.get(candidate.names.qualified) })
    }
    return { by: preference, weights: PREFERENCES[preference], shape, roster: this, order, score }
  }

  #calmOrder(key: string, question: Question): Calm {
    const known = this.#calm.get(key)
    if (known) return known
    const totals = Float64Array.from(this.candidates, (candidate) => totalOf(candidate, question, undefined))
    const order = Uint32Array.from(totals.keys()).sort((a, b) => (totals[b] ?? 0) - (totals[a] ?? 0) || a - b)
    if (this.#calm.size >= MOST_ORDERS) this.#calm.clear()
    const calm = { order, totals }
    this.#calm.set(key, calm)
    return calm
  }

  /** The calm order with everything that was seen taken out of it and put where it stands now. */
  #merged({ order, totals }: Calm, question: Question, view: Seen): Uint32Array {
    const moved = [...view].flatMap(([qualified, seen]) =>
      (this.#places.get(qualified) ?? []).map((place) => ({ place, total: totalOf(this.#candidate(place), question, seen) })),
    )
    if (moved.length === 0) return order
    moved.sort((a, b) => b.total - a.total || a.place - b.place)
    const gone = new Set(moved.map(({ place }) => place))
    const merged = new Uint32Array(order.length)
    let [next, end] = [0, 0]
    for (const place of order) {
      if (gone.has(place)) continue
      const total = totals[place] ?? 0
      for (let one = moved[next]; one && (one.total > total || (one.total === total && one.place < place)); one = moved[++next])
        merged[end++] = one.place
      merged[end++] = place
    }
    for (const { place } of moved.slice(next)) merged[end++] = place
    return merged
  }

  #candidate(place: number): Candidate {
    const candidate = this.candidates[place]
    if (!candidate) throw new RangeError(`There is no place ${place} among ${this.candidates.length} candidates.`)
    return candidate
  }
}

function placeOf(provider: Provider, places: Map<Provider, number>): number {
  const place = places.get(provider) ?? places.size
  places.set(provider, place)
  return place
}

const totalOf = (candidate: Candidate, { preference, shape }: Question, seen: Observed | undefined): number =>
  scoreOf(candidate, preference, { shape, seen }).total
