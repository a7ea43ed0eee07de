import type { Candidate, Resolution, Tier } from '../contract/catalog.ts'
import { typicalCost } from './price.ts'

type Order = (a: Candidate, b: Candidate) => number

/**
 * The reserved names and what they offer, from every candidate that may be chosen unasked. `auto` and `auto:cheap`: the cheapest
 * first. `auto:best`: the highest tier first, the cheapest within it. `auto:fast`: as cheap, since within a vendor the smaller model
 * is the quicker one; latency is not measured here.
 */
export function rankings(candidates: readonly Candidate[]): ReadonlyMap<string, Resolution> {
  const cheap: Resolution = { candidates: candidates.toSorted(byPrice), route: 'auto' }
  const best: Resolution = { candidates: candidates.toSorted(byTier), route: 'auto:best' }
  return new Map([
    ['auto', cheap],
    ['auto:cheap', { ...cheap, route: 'auto:cheap' }],
    ['auto:fast', { ...cheap, route: 'auto:fast' }],
    ['auto:best', best],
  ])
}

/** By the price of a typical request. What is free, and then what has no known price, comes last: neither promises to serve. */
export const byPrice: Order = (a, b) => {
  const [left, right] = [typicalCost(a.price), typicalCost(b.price)]
  return standing(left) - standing(right) || (left ?? 0) - (right ?? 0)
}

const TIERS: readonly (Tier | undefined)[] = ['frontier', 'premium', 'standard', 'economy', undefined]

const byTier: Order = (a, b) => TIERS.indexOf(a.names.tier) - TIERS.indexOf(b.names.tier) || byPrice(a, b)

function standing(cost: number | undefined): number {
  if (cost === undefined) return 2
  return cost === 0 ? 1 : 0
}
