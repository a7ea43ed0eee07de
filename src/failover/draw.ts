import type { Offer } from '../contract/decision.ts'

/**
 * The keys of a pool in the order of one draw by weight, so that each has its share of the first attempts and of the further ones; all other
 * offers where they are, and the very list where no pool is in it. `random` from 0 to 1.
 */
export function drawn(offers: readonly Offer[], random: () => number): readonly Offer[] {
  if (offers.length < 2 || !offers.some((offer, at) => at > 0 && arePooled(offer, offers[at - 1]))) return offers
  const line: Offer[] = []
  for (let at = 0; at < offers.length; ) {
    let end = at + 1
    while (end < offers.length && arePooled(offers[end], offers[at])) end++
    line.push(...byWeight(offers.slice(at, end), random))
    at = end
  }
  return line
}

/** The same answer from the same payer, with another of his keys. */
function arePooled(one: Offer | undefined, other: Offer | undefined): boolean {
  if (!one || !other || one.provider !== other.provider || one.wireModel !== other.wireModel) return false
  return one.credential.source === other.credential.source && one.credential.source !== 'none'
}

/** Each comes first as often as its weight has it: the largest of random^(1/weight) does (Efraimidis and Spirakis 2006). */
function byWeight(pool: readonly Offer[], random: () => number): Offer[] {
  const lots = pool.map((offer) => ({ offer, lot: Math.log(random() || Number.MIN_VALUE) / (offer.credential.share?.weight ?? 1) }))
  return lots.sort((a, b) => b.lot - a.lot).map(({ offer }) => offer)
}
