import type { Decision, LimitRefusal, Offer, Rejection } from '../contract/decision.ts'
import { told } from '../failover/line-up.ts'
import { ruleOf } from './hearing.ts'

/** The same decision, where all replicas together refuse what this one would offer. */
export function withheld(decision: Decision, refusal: LimitRefusal): Decision {
  const key = ruleOf(refusal)
  const rule = key && decision.plan?.rule(key)
  const rejected = decision.offers.map((offer) => ({
    ...{ ...toldOf(offer, decision), stage: 'limits' as const, code: refusal.code, detail: { ...refusal } },
    ...(rule !== undefined && { rule }),
  }))
  return { ...decision, offers: [], rejected: [...decision.rejected, ...rejected] }
}

/** A candidate that fell before another payer is that candidate still: it is told of once. */
function toldOf(offer: Offer, { rejected }: Decision): Pick<Rejection, 'candidate' | 'payer'> {
  const fallen = rejected.find(({ candidate }) => candidate?.names.qualified === offer.names.qualified)
  return fallen ? { candidate: fallen.candidate, payer: offer.credential.source } : told(offer)
}
