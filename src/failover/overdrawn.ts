// What the books did not let in: an offer that too little is left for, though nobody could know when it was judged.

import type { LimitRefusal, Offer, Rejection } from '../contract/decision.ts'
import { ruleOf } from '../decide/hearing.ts'
import type { GatewayError } from '../errors.ts'
import { refusal } from '../explain/explain.ts'
import { questionOf } from '../explain/question.ts'
import type { Turn } from '../turn.ts'
import { told } from './line-up.ts'

/** An attempt that was not noted, so nothing of it went anywhere. */
export class Overdrawn extends Error {
  readonly rejection: Rejection

  constructor(offer: Offer, refused: LimitRefusal, { plan }: Turn) {
    super(`Too little is left of ${refused.limit}.`)
    const key = ruleOf(refused)
    const rule = key && { rule: plan.rule(key) }
    this.rejection = { ...told(offer), stage: 'limits', code: refused.code, ...rule, detail: { ...refused } }
  }

  /** The model that a meter has in place of what is used up. */
  get instead(): string | undefined {
    const instead = this.rejection.detail?.['instead']
    return typeof instead === 'string' ? instead : undefined
  }
}

/** The same refusal as the decision's own, had it known. */
export function refusedAll({ decision, caller, peeked, gateway }: Turn, overdrawn: readonly Overdrawn[]): GatewayError {
  const rejected = [...decision.rejected, ...overdrawn.map(({ rejection }) => rejection)]
  const question = questionOf({ caller, ask: peeked.ask, snapshot: gateway.snapshot() }, decision.plan)
  return refusal({ ...decision, offers: [], rejected }, question)
}
