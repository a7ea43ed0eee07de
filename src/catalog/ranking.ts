import type { Candidate, Preference, Price, Rates, Tier } from '../contract/catalog.ts'
import type { Observed, Score, ScoreParts, Shape } from '../contract/ranking.ts'
import { typicalCost } from './price.ts'

/** The reserved names, and how much each part weighs. What is left of 1 is nobody's. */
export const PREFERENCES: Readonly<Record<Preference, Pick<ScoreParts, 'price' | 'quality' | 'speed'>>> = {
  auto: { price: 0.55, quality: 0.25, speed: 0.2 },
  'auto:cheap': { price: 1, quality: 0, speed: 0 },
  'auto:fast': { price: 0.2, quality: 0, speed: 0.8 },
  'auto:best': { price: 0.1, quality: 0.9, speed: 0 },
}

/** How good a candidate is for a request of this shape, in itself: compared with no other candidate. Pure. */
export function scoreOf(candidate: Candidate, preference: Preference, at: { shape: Shape; seen: Observed | undefined }): Score {
  const { shape, seen = UNSEEN } = at
  const parts: ScoreParts = {
    price: pricePart(candidate.price, shape, seen.cached),
    quality: candidate.model?.quality ?? QUALITY[candidate.names.tier ?? 'unknown'],
    speed: speedPart(seen),
    reliability: 1 - (seen.failing * seen.weight) / (seen.weight + DOUBT),
    headroom: headroomPart(seen.headroom),
  }
  const weights = PREFERENCES[preference]
  const worth = weights.price * parts.price + weights.quality * parts.quality + weights.speed * parts.speed
  return { total: worth * parts.reliability * parts.headroom, parts }
}

const UNSEEN: Observed = { weight: 0, firstByte: undefined, failing: 0, cached: 0, headroom: undefined }

/** So many attempts as usual are taken to have been made before the first, so that one alone proves little. */
const DOUBT = 3

/** Where the catalogue gives a model no quality of its own, its tier tells. */
const QUALITY: Readonly<Record<Tier | 'unknown', number>> = { frontier: 1, premium: 0.8, standard: 0.6, economy: 0.4, unknown: 0.2 }

/** US dollars for a million tokens of such a request, on a scale of ten to the power of: 0.01 is 1, 100 is 0. */
const CHEAPEST = -2
const DEAREST = 2
const PICO_PER_USD_PER_MILLION = 1e6
const DEAR = 0.05
const FREE = 0.02

/** By the logarithm, since twice as dear is as much worse at every price. What is free, and last what has no known price, promises nothing. */
function pricePart(price: Price | undefined, shape: Shape, cached: number): number {
  const cost = expectedCost(price, shape, cached)
  if (cost === undefined) return 0
  if (cost === 0) return FREE
  const magnitude = Math.log10(cost / (shape.input + shape.output) / PICO_PER_USD_PER_MILLION)
  return Math.min(1, Math.max(DEAR, (DEAREST - magnitude) / (DEAREST - CHEAPEST)))
}

/** Pico-dollars, to compare by and not to book; undefined where a rate is unknown. */
export function expectedCost(price: Price | undefined, { input, output }: Shape, cached = 0): number | undefined {
  if (!price) return undefined
  const rates = ratesFor(price, input)
  if (rates.input === undefined || rates.output === undefined) return undefined
  const fresh = input * (1 - cached) * rates.input
  return fresh + input * cached * (rates.cacheRead ?? rates.input) + output * rates.output + (rates.request ?? 0)
}

function ratesFor(price: Price, input: number): Rates {
  let found: (Rates & { readonly above: number }) | undefined
  for (const tier of price.tiers ?? []) if (input > tier.above && tier.above >= (found?.above ?? 0)) found = tier
  return found ? { ...price, ...found } : price
}

/** A second to the first byte is half as good as none; what was never seen is taken for that. */
const USUAL_FIRST_BYTE = 1_000

function speedPart({ firstByte, weight }: Observed): number {
  const mean = firstByte === undefined ? USUAL_FIRST_BYTE : (firstByte * weight + USUAL_FIRST_BYTE * DOUBT) / (weight + DOUBT)
  return USUAL_FIRST_BYTE / (USUAL_FIRST_BYTE + mean)
}

/** Below a tenth of its rate limit a provider is left to those who need it. */
const SCARCE = 0.1

function headroomPart(left: number | undefined): number {
  return left === undefined ? 1 : Math.min(1, Math.max(SCARCE, left / SCARCE))
}

/** By the price of a typical request. What is free, and then what has no known price, comes last: neither promises to serve. */
export function cheapestFirst(candidates: readonly Candidate[]): Candidate[] {
  return candidates
    .map((candidate) => ({ candidate, cost: typicalCost(candidate.price) }))
    .sort((a, b) => standing(a.cost) - standing(b.cost) || (a.cost ?? 0) - (b.cost ?? 0))
    .map(({ candidate }) => candidate)
}

function standing(cost: number | undefined): number {
  if (cost === undefined) return 2
  return cost === 0 ? 1 : 0
}
