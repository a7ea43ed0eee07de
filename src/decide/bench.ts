import type { Caller } from '../contract/caller.ts'
import type { Candidate } from '../contract/catalog.ts'
import type { Ask, Credential, LimitRefusal, Narrowing, Offer, Rejection, Snapshot } from '../contract/decision.ts'
import type { PlanRules } from '../contract/plan.ts'
import type { Score } from '../contract/ranking.ts'

/** A candidate, and how good it is for the request where that was asked. */
export interface Standing {
  readonly candidate: Candidate
  readonly score?: Score
}

/** Where one request's candidates are judged: what is looked at, and what became of each so far. */
export class Bench {
  readonly caller: Caller
  readonly ask: Ask
  readonly snapshot: Snapshot
  readonly plan: PlanRules
  readonly narrowed: Narrowing | undefined
  readonly own: Offer[] = []
  readonly platform: Offer[] = []
  readonly rejected: Rejection[] = []
  #limits: { readonly refusal: LimitRefusal | undefined } | undefined

  constructor({ caller, ask, snapshot, plan }: Pick<Bench, 'caller' | 'ask' | 'snapshot' | 'plan'>) {
    this.caller = caller
    this.ask = ask
    this.snapshot = snapshot
    this.plan = plan
    this.narrowed = snapshot.narrowed(caller.key)
  }

  /** What the tenant pays comes first: the platform's money is never spent while the tenant's own key would do. */
  get offers(): readonly Offer[] {
    return this.own.length === 0 ? this.platform : [...this.own, ...this.platform]
  }

  /** With the tenant's own price, where its overrides give one. */
  priced(standing: Standing): Standing {
    const { candidate } = standing
    const price = this.plan.prices?.get(candidate.names.qualified)
    return price ? { ...standing, candidate: { ...candidate, price } } : standing
  }

  /** The same for every candidate, so it is asked once. */
  limits(): LimitRefusal | undefined {
    const { caller, plan, ask } = this
    this.#limits ??= { refusal: this.snapshot.limits({ caller, plan, ask }) }
    return this.#limits.refusal
  }

  /** Whether budgets and meters have room for this candidate, paid so. */
  meters({ names, price }: Candidate, credential: Credential): LimitRefusal | undefined {
    const { caller, plan, ask } = this
    return this.snapshot.meters({ caller, plan, ask, offer: { names, price, credential } })
  }
}
