// THE DECISION: who may call what with whose key. Calls, failover hops, model lists, explain and the console all ask it here.

import type { Caller } from './contract/caller.ts'
import type { Candidate } from './contract/catalog.ts'
import type { Ask, Credential, Decision, DecisionCode, Narrowing, Offer, Rejection, Snapshot, Stage, Walk } from './contract/decision.ts'
import type { PlanKey, PlanRules } from './contract/plan.ts'
import { serves, speaks } from './contract/speech.ts'
import { lineUp } from './failover/line-up.ts'

/** Pure: the same caller, ask and snapshot give the same decision. Each candidate is judged once per payer. */
export function decide(caller: Caller, ask: Ask, snapshot: Snapshot): Decision {
  const resolution = ask.at ? snapshot.at(ask.at) : snapshot.resolve(ask.model)
  const plan = snapshot.planOf(caller.tenant)
  if (resolution.candidates.length === 0 || !plan) {
    const rejected: Rejection[] = [plan || resolution.candidates.length === 0 ? unknownModel(ask, resolution.similar) : unknownPlan(caller)]
    return { offers: [], rejected, resolution, plan }
  }
  const bench: Bench = { caller, ask, snapshot, plan, narrowed: snapshot.narrowed(caller.key), own: [], platform: [], rejected: [] }
  for (const candidate of resolution.candidates) judge(bench, candidate)
  // What the tenant pays comes first: the platform's money is never spent while the tenant's own key would do.
  const offers = bench.own.length === 0 ? bench.platform : [...bench.own, ...bench.platform]
  const line = lineUp(offers, { plan, ask, snapshot })
  bench.rejected.push(...line.rejected)
  return { offers: line.offers, rejected: bench.rejected, resolution, plan }
}

interface Bench {
  readonly caller: Caller
  readonly ask: Ask
  readonly snapshot: Snapshot
  readonly plan: PlanRules
  readonly narrowed: Narrowing | undefined
  readonly own: Offer[]
  readonly platform: Offer[]
  readonly rejected: Rejection[]
}

function judge(bench: Bench, candidate: Candidate): void {
  const walk = bench.snapshot.walk(bench.caller.tenant, candidate.provider)
  const keyless = candidate.provider.credential === 'none' && bench.ask.pay !== 'tenant'
  const own = keyless ? 'no own key' : judgeOwn(bench, candidate, walk)
  if (keyless || platformMayPay(bench, walk, own)) judgePlatform(bench, candidate, walk)
}

type OwnVerdict = 'offered' | 'barred by plan' | 'refused' | 'no own key'

function judgeOwn(bench: Bench, candidate: Candidate, walk: Walk): OwnVerdict {
  const { plan } = bench
  const hearing = new Hearing(bench, candidate, 'tenant')
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

function judgePlatform(bench: Bench, candidate: Candidate, walk: Walk): void {
  const { plan } = bench
  const keyless = candidate.provider.credential === 'none'
  const hearing = new Hearing(bench, candidate, keyless ? 'none' : 'platform')
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

/** One candidate before one payer. The first objection stands; under `enforcement: observe` those of policy are noted and waived. */
class Hearing {
  readonly #bench: Bench
  readonly #candidate: Candidate
  readonly #payer: Rejection['payer']
  #objection: Rejection | undefined
  #waived: Rejection | undefined

  constructor(bench: Bench, candidate: Candidate, payer: Rejection['payer']) {
    this.#bench = bench
    this.#candidate = candidate
    this.#payer = payer
  }

  get barred(): boolean {
    return this.#objection !== undefined
  }

  object(stage: Stage, code: DecisionCode, ...[key, more]: [PlanKey?, Pick<Rejection, 'lookedFor' | 'detail'>?]): void {
    if (this.#objection) return
    const rule = key && this.#bench.plan.rule(key)
    const rejection: Rejection = { candidate: this.#candidate, payer: this.#payer, stage, code, ...(rule && { rule }), ...more }
    if (this.#bench.plan.enforcement === 'observe' && WAIVABLE.has(stage)) this.#waived ??= rejection
    else this.#objection = rejection
  }

  /** What binds every payer: the endpoint, the provider, and what the gateway key itself narrows. */
  common(): void {
    const { ask, plan, narrowed } = this.#bench
    if (!plan.allowsEndpoint(ask.endpoint)) this.object('plan', 'endpoint_not_in_plan', 'endpoints', { detail: { endpoint: ask.endpoint } })
    if (!plan.allowsProvider(this.#candidate.provider.id)) this.object('plan', 'provider_not_in_plan', 'providers')
    if (!narrowed) return
    const detail = { by: 'key' }
    if (!narrowed.allowsEndpoint(ask.endpoint)) this.object('plan', 'endpoint_not_in_plan', undefined, { detail })
    if (!narrowed.allowsModel(this.#candidate.names)) this.object('plan', 'model_not_in_plan', undefined, { detail })
  }

  modelList(): void {
    if (!this.#bench.plan.allowsModel(this.#candidate.names)) this.object('plan', 'model_not_in_plan', 'models')
  }

  credential(credential: Credential, walk: Walk): void {
    if (credential.state === 'usable') return
    const code = credential.state === 'unreadable' ? 'credential_unreadable' : 'credential_invalid'
    const detail = { setting_key: credential.settingKey, trouble: credential.trouble }
    this.object('credential', code, undefined, { lookedFor: walk.lookedFor, detail })
  }

  /** Capability, health and limits bind every payer alike; without an objection the candidate becomes an offer. */
  conclude(credential: Credential, walk: Walk, offers: Offer[]): boolean {
    this.#capabilities()
    this.#health(credential)
    this.#limits()
    if (this.#objection) {
      this.reject()
      return false
    }
    const { provider, wireModel, model, names, price, explicit } = this.#candidate
    offers.push({ provider, wireModel, model, names, price, explicit, credential, walk, observed: this.#waived })
    return true
  }

  reject(): void {
    if (this.#objection) this.#bench.rejected.push(this.#objection)
  }

  #capabilities(): void {
    const { ask } = this.#bench
    // What a provider's own API can do is the provider's to know.
    if (ask.endpoint === 'passthrough') return
    const { model, provider, explicit } = this.#candidate
    // Whoever names a provider's model outright is told by the provider itself what it does not do.
    const strange = model && !explicit && !serves(model, ask.endpoint)
    const unserved = !speaks(provider, ask.family ?? 'chat') ? 'provider' : strange ? 'model' : undefined
    if (unserved) this.object('capability', 'capability_missing', undefined, { detail: { capability: ask.family ?? 'chat', of: unserved } })
    if (!model) return
    // Only a known false refuses; unknown is left to the provider.
    const missing = NEEDS.find((need) => ask.needs[need] && model.capabilities[need] === false)
    if (missing) this.object('capability', 'capability_missing', undefined, { detail: { capability: missing } })
    if (model.context !== undefined && ask.leastTokens > model.context) {
      this.object('capability', 'context_too_long', undefined, { detail: { context: model.context, at_least: ask.leastTokens } })
    }
  }

  #health(credential: Credential): void {
    if (this.barred) return
    const trouble = this.#bench.snapshot.trouble(this.#candidate.provider, credential)
    if (trouble) this.object('health', trouble.code, undefined, { detail: { until: trouble.until, reason: trouble.reason } })
  }

  #limits(): void {
    if (this.barred) return
    const { caller, plan, ask, snapshot } = this.#bench
    const refusal = snapshot.limits({ caller, plan, ask, payer: this.#payer === 'platform' ? 'platform' : 'tenant' })
    if (refusal) this.object('limits', refusal.code, refusal.limit === 'budget' ? 'budget' : 'limits', { detail: { ...refusal } })
  }
}

const NEEDS = ['tools', 'vision', 'audio', 'files', 'json_schema'] as const
const WAIVABLE: ReadonlySet<Stage> = new Set<Stage>(['plan', 'price', 'limits'])

function unknownModel(ask: Ask, similar: readonly string[] | undefined): Rejection {
  return { candidate: undefined, payer: 'none', stage: 'model', code: 'model_not_found', detail: { model: ask.model, similar } }
}

function unknownPlan(caller: Caller): Rejection {
  return { candidate: undefined, payer: 'none', stage: 'plan', code: 'plan_unknown', detail: { plan: caller.tenant.plan } }
}
