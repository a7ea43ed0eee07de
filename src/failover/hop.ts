import type { Offer } from '../contract/decision.ts'
import type { PlanRules } from '../contract/plan.ts'
import type { Meaning } from './failures.ts'

/** Where a request comes from that goes on to another offer, and why. */
export interface Left extends Pick<Meaning, 'ailment' | 'next'> {
  readonly offer: Offer
}

/** May `next` stand in for the offer that was left? Both were judged by the decision; this is about the way between them. */
export function mayFollow(next: Offer, left: Left, plan: PlanRules): boolean {
  if (left.next === 'other key') return isSamePool(next, left.offer)
  if (next.provider.id !== left.offer.provider.id && (next.explicit || !plan.failover.other_provider)) return false
  // A tenant's own money is not swapped for the platform's because its key fails; only an outage may do that, and only where the plan says so.
  if (left.offer.credential.source === 'tenant' && next.credential.source !== 'tenant')
    return plan.platform_keys === 'on_outage' && left.ailment === 'outage'
  return true
}

/** Another key of the same payer for the same provider. */
function isSamePool(next: Offer, { provider, credential }: Offer): boolean {
  return next.provider.id === provider.id && next.credential.source === credential.source
}
