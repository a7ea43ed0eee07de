import type { Ask, Walk } from '../contract/decision.ts'
import type { PlanRules } from '../contract/plan.ts'
import type { Bench, Standing } from './bench.ts'
import { Hearing } from './hearing.ts'

/** One candidate before each payer that may come into question. */
export function judge(bench: Bench, listed: Standing): void {
  const standing = bench.priced(listed)
  const { candidate } = standing
  const walk = bench.snapshot.walk(bench.caller.tenant, candidate.provider)
  const keyless = candidate.provider.credential === 'none' && bench.ask.pay !== 'tenant'
  const own = keyless ? 'no own key' : judgeOwn(bench, standing, walk)
  if (keyless || platformMayPay(bench, walk, own)) judgePlatform(bench, standing, walk)
}

type OwnVerdict = 'offered' | 'barred by plan' | 'refused' | 'no own key'

function judgeOwn(bench: Bench, standing: Standing, walk: Walk): OwnVerdict {
  const { plan } = bench
  const { candidate } = standing
  const hearing = new Hearing(bench, standing, 'tenant')
  hearing.common()
  if (!plan.byok.allowed || !plan.allowsOwnKeyFor(candidate.provider.id)) hearing.object('plan', 'byok_not_in_plan', 'byok')
  else if (plan.byok.models === 'plan') hearing.modelList()
  if (hearing.barred) {
    hearing.reject()
    return 'barred by plan'
  }
  if (!walk.tenant) {
    hearing.object('credential', 'credential_missing', 'byok', { lookedFor: walk.lookedFor })
    hearing.reject()
    return 'no own key'
  }
  hearing.credential(walk.tenant, walk)
  return hearing.conclude(walk.tenant, walk, bench.own) ? 'offered' : 'refused'
}

/** Under `on_missing` the platform pays only where the tenant has no key of its own that the plan lets it use. */
function platformMayPay({ ask, plan }: Bench, walk: Walk, own: OwnVerdict): boolean {
  if (ask.pay === 'tenant' || ownAccountOnly(ask, plan)) return false
  if (own === 'barred by plan' || own === 'no own key') return true
  return own === 'offered' && plan.platform_keys === 'on_outage' && walk.platform !== undefined
}

/** A provider's own API shows all that an account holds, and the platform's holds what is not this tenant's. Never waived: it is no policy. */
const ownAccountOnly = (ask: Ask, plan: PlanRules): boolean => ask.endpoint === 'passthrough' && plan.passthrough === 'own_keys'

function judgePlatform(bench: Bench, standing: Standing, walk: Walk): void {
  const { plan } = bench
  const { candidate } = standing
  const keyless = candidate.provider.credential === 'none'
  const hearing = new Hearing(bench, standing, keyless ? 'none' : 'platform')
  hearing.common()
  if (ownAccountOnly(bench.ask, plan)) {
    hearing.object('credential', 'credential_missing', 'passthrough', { detail: { own_keys_only: true } })
    hearing.reject()
    return
  }
  hearing.modelList()
  const credential = keyless || plan.platform_keys !== 'never' ? walk.platform : undefined
  if (!credential) {
    hearing.object('credential', 'credential_missing', 'platform_keys', { lookedFor: walk.lookedFor })
    hearing.reject()
    return
  }
  hearing.credential(credential, walk)
  if (credential.source === 'platform' && !candidate.price && plan.unpriced === 'refuse')
    hearing.object('price', 'price_unknown', 'unpriced')
  hearing.conclude(credential, walk, bench.platform)
}
