// What a plan has in place of what cannot be served: another model, judged by the same decision.

import type { Resolution } from '../contract/catalog.ts'
import type { Ask, Decision, Offer, Rejection } from '../contract/decision.ts'
import type { Fallback, FallbackKind } from '../contract/plan.ts'
import { decide } from '../decide.ts'
import type { ErrorCode } from '../errors.ts'
import type { Asked } from '../explain/question.ts'
import { verdictOf } from '../explain/verdict.ts'

/** A decision, and the ask it is about: another model's than the caller's where a fallback stands in. */
export interface Judged {
  readonly ask: Ask
  readonly decision: Decision
  readonly fallback: FallbackKind | undefined
}

/** The decision; where it refuses for what the plan has a fallback for, the decision about that. */
export function judged(question: Asked, look: typeof decide): Judged {
  const decision = look(question.caller, question.ask, question.snapshot)
  const first: Judged = { ask: question.ask, decision, fallback: undefined }
  if (decision.offers.length > 0 || !decision.plan || (decision.plan.fallback.length === 0 && decision.plan.meters.length === 0))
    return first
  const { rejection } = verdictOf(decision)
  const on = rejection && kindOf(rejection)
  const to = rejection?.detail?.['instead']
  return (on && detour(question, decision, { on, ...(typeof to === 'string' && { to }) })) ?? first
}

/** What is beyond a whole budget may be within it at another model's price. */
function kindOf({ code, detail }: Rejection): FallbackKind | undefined {
  const metered = detail?.['key'] === 'budget' || detail?.['key'] === 'meters'
  return metered ? 'budget' : KINDS[code]
}

/** Refusals before any provider was asked. */
const KINDS: { readonly [Code in ErrorCode]?: FallbackKind } = {
  context_too_long: 'context',
  budget_exceeded: 'budget',
  provider_unavailable: 'outage',
  provider_disabled: 'outage',
}

/** What went wrong, and the model that the meter has which is used up. */
interface Wanted {
  readonly on: FallbackKind
  readonly to?: string | undefined
}

/** The first of the plan's fallbacks of this kind that can be served, by the offers its payer may have. */
export function detour({ caller, ask, snapshot }: Asked, { plan, resolution }: Decision, { on, to }: Wanted): Judged | undefined {
  // What is asked of one provider in its own words means nothing to another.
  if (ask.at) return undefined
  const named = namedProviders(resolution)
  const rules = plan?.fallback ?? []
  for (const rule of to === undefined ? rules : [{ on, to, pay: 'platform' as const }, ...rules]) {
    if (rule.on !== on || rule.to === ask.model) continue
    const instead: Ask = { ...ask, model: rule.to, ...(rule.pay === 'tenant' && { pay: 'tenant' }) }
    const decision = decide(caller, instead, snapshot)
    const offers = decision.offers.filter(({ provider }) => named?.has(provider.id) ?? true)
    if (offers.length > 0) return { ask: instead, decision: led(decision, offers, { rule, asked: ask.model }), fallback: on }
  }
  return undefined
}

/** A caller who says `provider/model` stays with that provider; an operator's own name for it says nothing of the kind. */
function namedProviders({ route, candidates }: Resolution): ReadonlySet<string> | undefined {
  if (route !== undefined || !candidates.some(({ explicit }) => explicit)) return undefined
  return new Set(candidates.map(({ provider }) => provider.id))
}

function led(decision: Decision, offers: readonly Offer[], { rule, asked }: { rule: Fallback; asked: string }): Decision {
  const route = `${asked} -> ${rule.to} (${rule.on})`
  return { ...decision, offers, resolution: { ...decision.resolution, route } }
}
