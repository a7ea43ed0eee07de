// THE DECISION: who may call what with whose key. Calls, failover hops, model lists, explain and the console all ask it here.

import type { Caller } from './contract/caller.ts'
import type { Candidate } from './contract/catalog.ts'
import type { Ask, Decision, Rejection, Snapshot } from './contract/decision.ts'
import type { Ranked } from './contract/ranking.ts'
import { arrange, type Stretch } from './decide/arrange.ts'
import { Bench } from './decide/bench.ts'
import { judge } from './decide/judge.ts'
import { shortlist } from './decide/shortlist.ts'
import { lineUp } from './failover/line-up.ts'

/**
 * Pure: the same caller, ask and snapshot give the same decision. Each candidate is judged once per payer. Where candidates are ranked,
 * no more are judged than a call could try; where none of them can be offered, all are, so that an empty answer has every reason.
 */
export function decide(caller: Caller, ask: Ask, snapshot: Snapshot): Decision {
  const decision = judged({ caller, ask, snapshot }, shortlist)
  return decision.offers.length > 0 || decision.unjudged === 0 ? decision : survey(caller, ask, snapshot)
}

/** The same decision with no candidate left out, which a call has no time for: its offers stand in the same order, the first first. */
export function survey(caller: Caller, ask: Ask, snapshot: Snapshot): Decision {
  return judged({ caller, ask, snapshot }, everyone)
}

type Question = Pick<Bench, 'caller' | 'ask' | 'snapshot'>

/** Judges ranked candidates, and tells how many. */
type Look = (bench: Bench, ranked: Ranked) => number

function judged({ caller, ask, snapshot }: Question, look: Look): Decision {
  const resolution = ask.at ? snapshot.at(ask.at) : snapshot.resolve(ask.model)
  const { candidates } = resolution
  const plan = snapshot.planOf(caller.tenant)
  if (candidates.length === 0 || !plan) {
    const rejected = [candidates.length === 0 ? unknownModel(ask, resolution.similar) : unknownPlan(caller)]
    return { offers: [], rejected, resolution, plan, unjudged: 0 }
  }
  const bench = new Bench({ caller, ask, snapshot, plan })
  const stretches = arrange(resolution, bench)
  const [only] = stretches
  const ranked = only?.rank && stretches.length === 1 ? snapshot.rank(only.candidates, only.rank, ask) : undefined
  const unjudged = ranked ? ranked.order.length - look(bench, ranked) : 0
  if (!ranked) judgeAll(bench, stretches)
  const { offers, rejected } = lineUp(bench.offers, bench)
  bench.rejected.push(...rejected)
  const ranking = ranked && { by: ranked.by, weights: ranked.weights, shape: ranked.shape }
  return { offers, rejected: bench.rejected, resolution, plan, unjudged, ...(ranking && { ranking }) }
}

/** What several candidates of a route lead to is judged once, where it first stands. */
function judgeAll(bench: Bench, stretches: readonly Stretch[]): void {
  const met = new Set<string>()
  const isNew = ({ names: { qualified } }: Candidate): boolean => !met.has(qualified) && met.add(qualified) !== undefined
  for (const { candidates, rank } of stretches) {
    const fresh = stretches.length === 1 ? candidates : candidates.filter(isNew)
    if (rank) everyone(bench, bench.snapshot.rank(fresh, rank, bench.ask))
    else for (const candidate of fresh) judge(bench, { candidate })
  }
}

function everyone(bench: Bench, { roster: { candidates }, order, score }: Ranked): number {
  for (const place of order) {
    const candidate = candidates[place]
    if (candidate) judge(bench, { candidate, score: score(place) })
  }
  return order.length
}

function unknownModel(ask: Ask, similar: readonly string[] | undefined): Rejection {
  return { candidate: undefined, payer: 'none', stage: 'model', code: 'model_not_found', detail: { model: ask.model, similar } }
}

function unknownPlan(caller: Caller): Rejection {
  return { candidate: undefined, payer: 'none', stage: 'plan', code: 'plan_unknown', detail: { plan: caller.tenant.plan } }
}
