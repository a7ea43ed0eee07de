import type { Offer, Rejection, Snapshot } from '../contract/decision.ts'
import type { PlanRules } from '../contract/plan.ts'
import { type Left, mayFollow } from './hop.ts'

type Health = Pick<Snapshot, 'ailing'>

/**
 * Offers in the order they are tried; the very list where all are well. One in trouble is passed over as a hop from it would be: for another
 * that may stand in, and never for nobody.
 */
export function lineUp(offers: readonly Offer[], plan: PlanRules, health: Health): readonly Offer[] {
  if (offers.length < 2 || !offers.some((offer) => health.ailing(offer))) return offers
  const first = firstWell(offers, plan, health)
  return first === undefined ? offers : offers.slice(offers.indexOf(first)).filter((offer) => !health.ailing(offer))
}

/** Why those of `offers` that are not in line were passed over. */
export function passedOver(offers: readonly Offer[], line: readonly Offer[], health: Health): Rejection[] {
  return offers
    .filter((offer) => !line.includes(offer))
    .map((offer) => {
      const { credential, walk: _walk, observed: _observed, ...candidate } = offer
      const trouble = health.ailing(offer)
      const until = trouble && new Date(trouble.until).toISOString()
      const detail = { until, reason: trouble?.code ?? 'no hop leads here', last4: credential.last4 }
      return { candidate, payer: credential.source, stage: 'health', code: 'provider_unavailable', detail }
    })
}

function firstWell(offers: readonly Offer[], plan: PlanRules, health: Health): Offer | undefined {
  let left: Left | undefined
  for (const offer of offers) {
    if (left && !mayFollow(offer, left, plan)) continue
    const trouble = health.ailing(offer)
    if (!trouble) return offer
    left = { offer, ailment: trouble.ailment, next: trouble.ailment === 'key' ? 'other key' : 'again' }
  }
  return undefined
}
