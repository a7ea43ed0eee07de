import type { Caller, Tenant } from '../../contract/caller.ts'
import type { Ask, Decision, Snapshot } from '../../contract/decision.ts'
import { decide } from '../../decide.ts'
import { tally } from '../../explain/tally.ts'
import { verdictOf } from '../../explain/verdict.ts'
import { UNNARROWED } from '../explain.ts'
import { type Check, counted, type Finding } from './finding.ts'

/** Tenants of a plan that are looked at before it is said that none of them can be served. */
const MOST_TENANTS = 50

/** Plans under which a call was possible, and at present is not: every provider they reach is down, switched off or refuses its key. */
export const unreachingPlans: Check = ({ directory, plans, snapshot }) => {
  const anything = {
    ...snapshot,
    resolve: () => ({ candidates: snapshot.candidates(), rank: 'auto:cheap' as const }),
    limits: () => undefined,
    meters: () => undefined,
  }
  const byPlan = Map.groupBy(directory.tenants(), ({ plan }) => plans.canonical(plan)?.id)
  return [...byPlan].flatMap(([plan, tenants]): Finding[] => {
    if (plan === undefined) return []
    const looked = tenants.slice(0, MOST_TENANTS)
    const decisions = looked.map((tenant) => ({ tenant, decision: offersFor(tenant, anything) }))
    const [first] = decisions
    if (!first || decisions.some(({ decision }) => isServed(decision, snapshot))) return []
    const { spokesmen } = verdictOf(first.decision)
    const unwell = first.decision.offers.length > 0 || spokesmen.some(isUnwell)
    return unwell ? [unreaching(plan, looked, tally(spokesmen, plan))] : []
  })
}

function offersFor(tenant: Tenant, anything: Snapshot): Decision {
  const caller: Caller = { key: UNNARROWED, tenant }
  return decide(caller, ANY, anything)
}

const ANY: Ask = { endpoint: 'chat', model: 'any', stream: false, needs: {}, inputTokens: 0, leastTokens: 0 }

/** An offer in trouble is tried where there is no other, and hardly serves. */
const isServed = ({ offers }: Decision, { ailing }: Snapshot): boolean => offers.some((offer) => !ailing(offer))

const isUnwell = ({ stage, code }: Decision['rejected'][number]): boolean =>
  (stage === 'health' && code !== 'provider_unavailable') || code === 'credential_invalid' || code === 'credential_unreadable'

function unreaching(plan: string, tenants: readonly Tenant[], why: string): Finding {
  const slugs = tenants.map(({ slug }) => slug)
  return {
    level: 'error',
    code: 'plan_unreachable_now',
    subject: plan,
    sentence: `No offer that is well is left for plan ${plan}, which ${counted('tenant', slugs)} ${slugs.length === 1 ? 'is' : 'are'} on. Of ${why}.`,
    fix: 'See tollgate providers list and tollgate explain --tenant <tenant> --model auto; a further provider or key for the plan would carry it.',
  }
}
