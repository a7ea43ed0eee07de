import type { Caller } from '../contract/caller.ts'
import type { Ask, Snapshot } from '../contract/decision.ts'
import type { Gateway } from '../contract/gateway.ts'
import type { PlanRules } from '../contract/plan.ts'
import type { Question } from './show.ts'

/** Who asks what, and in which world. */
export interface Asked {
  readonly caller: Caller
  readonly ask: Ask
  readonly snapshot: Snapshot
}

/** What an explanation is about, for the eyes of the tenant itself. */
export function questionOf({ caller, ask, snapshot }: Asked, plan: PlanRules | undefined): Question {
  return { caller, ask, config: snapshot.config, audience: plan?.expose ?? 'basic', limits: {}, snapshot }
}

/** Reads what the books have of all that counts this caller, for whoever asks before spending: a call learns of it as it is noted. */
export async function recalled({ limits }: Pick<Gateway, 'limits'>, { caller, ask, snapshot }: Asked): Promise<void> {
  const plan = snapshot.planOf(caller.tenant)
  if (plan) await limits.recall(caller, plan, ask)
}
