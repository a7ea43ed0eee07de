import type { Candidate, Resolution, Tier } from '../contract/catalog.ts'
import { typicalCost } from './price.ts'

/**
 * The reserved names and what they offer, from every candidate that may be chosen unasked. `auto` and `auto:cheap`: the cheapest
 * first. `auto:best`: the highest tier first, the cheapest within it. `auto:fast`: as cheap, since within a vendor the smaller model
 * is the quicker one; latency is not measured here.
 */
export function rankings(candidates: readonly Candidate[]): ReadonlyMap<string, Resolution> {
  const cheap = cheapestFirst(candidates)
  const best = cheap.toSorted((a, b) => TIERS.indexOf(a.names.tier) - TIERS.indexOf(b.names.tier))
  const named = { auto: cheap, 'auto:cheap': cheap, 'auto:fast': cheap, 'auto:best': best }
  return new Map(Object.entries(named).map(([route, ranked]) => [route, { candidates: ranked, route }]))
}

const TIERS: readonly (Tier | undefined)[] = ['frontier', 'premium', 'standard', 'economy', undefined]

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
