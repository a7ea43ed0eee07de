import type { Candidate } from '../contract/catalog.ts'
import type { Credential, DecisionCode, LimitRefusal, Offer, Rejection, Stage, Walk } from '../contract/decision.ts'
import type { PlanKey } from '../contract/plan.ts'
import type { Score } from '../contract/ranking.ts'
import { serves, speaks, voices } from '../contract/speech.ts'
import type { Bench, Standing } from './bench.ts'

/** One candidate before one payer. The first objection stands; under `enforcement: observe` those of policy are noted and waived. */
export class Hearing {
  readonly #bench: Bench
  readonly #candidate: Candidate
  readonly #score: Score | undefined
  readonly #payer: Rejection['payer']
  #objection: Rejection | undefined
  #waived: Rejection | undefined

  constructor(bench: Bench, { candidate, score }: Standing, payer: Rejection['payer']) {
    this.#bench = bench
    this.#candidate = candidate
    this.#score = score
    this.#payer = payer
  }

  get barred(): boolean {
    return this.#objection !== undefined
  }

  object(stage: Stage, code: DecisionCode, ...[key, more]: [PlanKey?, Pick<Rejection, 'lookedFor' | 'detail'>?]): void {
    if (this.#objection) return
    const rule = key && this.#bench.plan.rule(key)
    const [candidate, payer, score] = [this.#candidate, this.#payer, this.#score]
    const rejection: Rejection = { candidate, payer, stage, code, rule, score, lookedFor: more?.lookedFor, detail: more?.detail }
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
    this.#kept(credential)
    this.#background(credential)
    this.#capabilities()
    this.#health(credential)
    this.#limits(credential)
    if (this.#objection) {
      this.reject()
      return false
    }
    const { provider, wireModel, model, names, price, explicit } = this.#candidate
    const offered = { provider, wireModel, model, names, price, explicit, credential, walk, observed: this.#waived }
    offers.push(this.#score ? { ...offered, score: this.#score } : offered)
    return true
  }

  reject(): void {
    if (this.#objection) this.#bench.rejected.push(this.#objection)
  }

  /** What a provider keeps lies in one account. Of a tenant's own the provider may judge; in the platform's lies what is not this tenant's. */
  #kept({ source }: Credential): void {
    const { kept } = this.#bench.ask
    if (!kept) return
    const { provider, explicit } = this.#candidate
    const { keeper } = kept
    const own = source === 'tenant' && (keeper ? explicit && keeper.source === 'tenant' : true)
    const here = keeper
      ? keeper.provider === provider.id && keeper.source === source
      : !voices(provider).some(({ dialect }) => dialect.keeps)
    if (own || here) return
    const at = keeper && { kept_by: keeper.provider, under: keeper.source }
    this.object('capability', 'response_not_found', undefined, { detail: { id: kept.id, ...at } })
  }

  /** What an answer of later used is told to whoever asks for it, and to the books of nobody else. */
  #background({ source }: Credential): void {
    if (!this.#bench.ask.background || source === 'tenant') return
    this.object('capability', 'unsupported_parameter', undefined, { detail: { param: 'background' } })
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

  #limits(credential: Credential): void {
    if (this.barred) return
    const refusal = this.#bench.limits() ?? this.#bench.meters(this.#candidate, credential) ?? this.#keyLimits(credential)
    if (refusal) this.object('limits', refusal.code, ruleOf(refusal), { detail: { ...refusal } })
  }

  /** A key of the platform's is shared; those of a pool are looked at one by one when they are lined up. */
  #keyLimits(credential: Credential): LimitRefusal | undefined {
    if (this.#payer !== 'platform' || credential.pool) return undefined
    return this.#bench.snapshot.keyLimits({ credential, wireModel: this.#candidate.wireModel }, this.#bench)
  }
}

/** Where a plan says so; a key's own limits are in no plan. */
export function ruleOf({ of, key }: LimitRefusal): PlanKey | undefined {
  if (key !== undefined) return key
  return of === undefined ? 'limits' : of === 'plan' ? 'plan_limits' : undefined
}

const NEEDS = ['tools', 'vision', 'audio', 'files', 'json_schema'] as const
const WAIVABLE: ReadonlySet<Stage> = new Set<Stage>(['plan', 'price', 'limits'])
