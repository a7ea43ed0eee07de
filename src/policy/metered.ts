import type { Caller } from '../contract/caller.ts'
import type { Ask, Metered } from '../contract/decision.ts'
import type { BalanceId, MeterRule } from '../contract/meter.ts'
import { parseDecimal } from '../contract/money.ts'
import type { PlanRules } from '../contract/plan.ts'
import type { KeyBudget } from '../contract/pool.ts'
import { budgetRule } from './meter-rules.ts'

/** A meter that counts a request, and which of its balances does. */
export interface Place extends Omit<BalanceId, 'since'> {
  readonly rule: MeterRule
  /** Thousandths. */
  readonly weight: number
}

/** Whom a request is counted for. */
type Counted = Pick<Metered, 'caller' | 'plan' | 'ask'> & { readonly offer?: Metered['offer'] }

const NOBODY: readonly Place[] = []

/** All that counts a request to this offer: budget and meters of the plan, the gateway key's own budget, the provider key's. */
export function rulesFor(asked: Metered): readonly Place[] {
  const { caller, plan, offer } = asked
  const own = caller.key.limits?.budget
  const share = offer.credential.share?.limits?.budget
  if (plan.metering.length === 0 && !own && !share) return NOBODY
  const places: Place[] = []
  for (const rule of plan.metering) {
    const place = counts(rule, asked) && placeOf(rule, asked)
    if (place && place.weight > 0) places.push(place)
  }
  if (own && offer.credential.source === 'platform') places.push(placeOf(keyRule(own, 'key'), asked))
  if (share) places.push(placeOf(keyRule(share, 'provider_key'), asked))
  return places
}

/** All that may count this caller, whatever it asks for. */
export function rulesOfPlan(caller: Caller, plan: PlanRules, ask: Ask = NO_ASK): readonly Place[] {
  const own = caller.key.limits?.budget
  const heads = own ? [...plan.metering, keyRule(own, 'key')] : plan.metering
  return heads.flatMap((rule) => chainOf(placeOf(rule, { caller, plan, ask }), { caller, plan, ask }))
}

/** Where a request is counted first, and where what is beyond that is. */
export function chainOf(head: Place, counted: Counted): readonly [Place, ...Place[]] {
  const chain: [Place, ...Place[]] = [head]
  for (let { next } = head.rule; next; next = next.next) chain.push(placeOf(next, counted))
  return chain
}

const NO_ASK: Ask = { endpoint: 'chat', model: '', stream: false, needs: {}, inputTokens: 0, leastTokens: 0 }

function counts(rule: MeterRule, { ask, offer: { names, credential } }: Metered): boolean {
  if (rule.payer !== 'any' && rule.payer !== credential.source) return false
  return rule.covers(names, ask.endpoint)
}

/** The balance that a rule has for a request. */
function placeOf(rule: MeterRule, counted: Counted): Place {
  const { caller, plan, offer } = counted
  const { kind } = rule.of
  const shared = kind === 'plan' || (kind === 'provider_key' && offer?.credential.source !== 'tenant')
  const meter = `${rule.name}.${rule.count}`
  return {
    rule,
    owner: shared ? '' : caller.tenant.id,
    meter: kind === 'plan' ? `${plan.id}/${meter}` : kind === 'provider_key' ? `provider key/${meter}` : meter,
    subject: subjectOf(rule, counted),
    weight: offer ? rule.weightOf(offer.names) : 1_000,
  }
}

/** Whoever names no user, or no such tag, is counted together with all others who do not. */
function subjectOf({ of }: MeterRule, { caller, ask, offer }: Counted): string {
  if (of.kind === 'key') return caller.key.id
  if (of.kind === 'provider_key') return offer?.credential.fingerprint ?? ''
  if (of.kind === 'user') return ask.by?.user ?? ''
  if (of.kind !== 'tag') return ''
  const sign = `${of.tag}:`
  return ask.by?.tags.find((tag) => tag.startsWith(sign))?.slice(sign.length) ?? ''
}

const keyRules = new WeakMap<KeyBudget, MeterRule>()

function keyRule(budget: KeyBudget, kind: 'key' | 'provider_key'): MeterRule {
  let rule = keyRules.get(budget)
  // What a provider's key may spend is asked of that key alone, whosever it is.
  if (!rule) keyRules.set(budget, (rule = { ...budgetRule(exactly(budget), { kind }), ...(kind === 'provider_key' && { payer: 'any' }) }))
  return rule
}

/** Read by a schema when it was stored; what a hand wrote otherwise is nothing to spend. */
const exactly = ({ usd, per }: KeyBudget) => ({ nano: parseDecimal(String(usd), 9) ?? 0, per })
