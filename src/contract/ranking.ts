import type { Candidate, Preference } from './catalog.ts'
import type { Provider } from './provider.ts'

/** What a request weighs, in tokens, as far as it can be told beforehand. */
export interface Shape {
  readonly input: number
  readonly output: number
}

/** What attempts on one offer have shown lately; the older they are, the less they count. */
export interface Observed {
  /** How many attempts, each weighed by its age. */
  readonly weight: number
  /** Mean milliseconds to the first byte; undefined where none came. */
  readonly firstByte: number | undefined
  /** The share that failed by the provider's fault, 0 to 1. */
  readonly failing: number
  /** The share of input that was read from a cache, 0 to 1. */
  readonly cached: number
  /** The share left of what this provider lets the platform's key use, 0 to 1, as it said itself; undefined where it did not. */
  readonly headroom: number | undefined
}

/** Each part from 0 to 1, more being better. `quality`, `price` and `speed` are weighed and summed, the others are factors of the sum. */
export interface ScoreParts {
  readonly price: number
  readonly quality: number
  readonly speed: number
  /** The share of attempts that succeed. */
  readonly reliability: number
  /** 1 until a provider's rate limit runs low. */
  readonly headroom: number
}

/** How good a candidate is for one request. It depends on no other candidate, so taking one away changes no other's place. */
export interface Score {
  /** 0 to 1. */
  readonly total: number
  readonly parts: ScoreParts
}

/** Candidates laid out for looking through them fast: a place in the list stands for the candidate. */
export interface Roster {
  readonly candidates: readonly Candidate[]
  readonly providers: readonly Provider[]
  /** For each candidate, the place of its provider in `providers`. */
  readonly providerAt: Uint16Array
}

/** By what candidates are ranked. */
export interface Ranking {
  readonly by: Preference
  /** How much each part counts. */
  readonly weights: Pick<ScoreParts, 'price' | 'quality' | 'speed'>
  readonly shape: Shape
}

/** A roster ranked for one request. */
export interface Ranked extends Ranking {
  readonly roster: Roster
  /** Places in the roster, best first; equal scores stand as the catalogue has them, so the order is total. */
  readonly order: Uint32Array
  score(place: number): Score
}
