import type { Decision, Rejection, Stage } from '../contract/decision.ts'
import { ERRORS, type ErrorCode } from '../errors.ts'

/** What a decision without offers comes to: one code, its status, and the rejection that speaks for it. */
export interface Verdict {
  readonly code: ErrorCode
  readonly status: number
  readonly rejection: Rejection | undefined
  /** How many candidates fell at each stage, by the furthest stage that any of their payers reached. */
  readonly counts: Readonly<Partial<Record<Stage, number>>>
  /** One rejection for each candidate, furthest first. */
  readonly spokesmen: readonly Rejection[]
}

const STAGES: readonly Stage[] = ['model', 'plan', 'credential', 'capability', 'price', 'health', 'limits']

/** One candidate, or several that fell by one code: that code. Mixed: `no_eligible_model` with the status of the furthest stage. */
export function verdictOf({ rejected }: Pick<Decision, 'rejected'>): Verdict {
  const spokesmen = [...furthestOfEach(rejected)].sort((a, b) => depth(b) - depth(a))
  const [first] = spokesmen
  const counts: Partial<Record<Stage, number>> = {}
  for (const { stage } of spokesmen) counts[stage] = (counts[stage] ?? 0) + 1
  const mixed = spokesmen.some(({ code }) => code !== first?.code)
  return {
    code: mixed || !first ? 'no_eligible_model' : first.code,
    status: first ? statusOf(first) : 404,
    rejection: first,
    counts,
    spokesmen,
  }
}

/** A bad key is the tenant's to mend when it is the tenant's, and ours when it is ours. */
export function statusOf({ code, payer }: Rejection): number {
  return code === 'credential_invalid' && payer === 'platform' ? 503 : ERRORS[code].status
}

function furthestOfEach(rejected: readonly Rejection[]): Iterable<Rejection> {
  const byCandidate = new Map<string | undefined, Rejection>()
  for (const rejection of rejected) {
    const name = rejection.candidate?.names.qualified
    const best = byCandidate.get(name)
    // The platform is judged after the tenant, so that an equal depth goes to the platform.
    if (!best || depth(rejection) >= depth(best)) byCandidate.set(name, rejection)
  }
  return byCandidate.values()
}

function depth({ stage }: Rejection): number {
  return STAGES.indexOf(stage)
}
