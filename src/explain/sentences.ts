// Reasons are codes and data; here they become sentences for a tired operator: what happened, and what to do.

import type { DecisionCode, Rejection } from '../contract/decision.ts'
import type { PlanRules } from '../contract/plan.ts'

export interface Sentence {
  readonly because: string
  readonly fix: string
}

/** Who asked for what, for sentences to name. */
export interface Scene {
  readonly tenant: string
  readonly plan: PlanRules | undefined
  readonly asked: string
  /** The other payer's rejection of the same candidate. */
  readonly other?: Rejection
}

export function sentenceOf(rejection: Rejection, scene: Scene): Sentence {
  return SENTENCES[rejection.code](new Words(rejection, scene))
}

/** The nouns of a sentence, read from one rejection. */
class Words {
  readonly rejection: Rejection
  readonly scene: Scene

  constructor(rejection: Rejection, scene: Scene) {
    this.rejection = rejection
    this.scene = scene
  }

  get model(): string {
    return this.rejection.candidate?.names.qualified ?? this.scene.asked
  }

  get provider(): string {
    return this.rejection.candidate?.provider.id ?? 'the provider'
  }

  get tenant(): string {
    return this.scene.tenant
  }

  get plan(): string {
    return this.scene.plan?.id ?? String(this.detail['plan'] ?? '')
  }

  get detail(): Readonly<Record<string, unknown>> {
    return this.rejection.detail ?? {}
  }

  get tier(): string {
    const tier = this.rejection.candidate?.names.tier
    return tier ? ` (tier ${tier})` : ' (in no tier)'
  }

  get narrowedByKey(): boolean {
    return this.detail['by'] === 'key'
  }

  get setKey(): string {
    return `tollgate provider-keys set ${this.tenant} ${this.provider}`
  }

  /** Whose limit it is. */
  get holder(): string {
    const { of, last4 } = this.detail
    if (of === 'key') return 'this gateway key'
    return of === 'provider_key' ? `the key …${last4} for ${this.provider}` : `plan ${this.plan}`
  }

  get changePlan(): string {
    return `tollgate tenants set-plan ${this.tenant} <plan>`
  }
}

const SENTENCES: { readonly [code in DecisionCode]: (words: Words) => Sentence } = {
  model_not_found: ({ scene, detail }) => {
    const similar = Array.isArray(detail['similar']) && detail['similar'].length > 0 ? ` Did you mean ${detail['similar'].join(', ')}?` : ''
    return {
      because: `No model or route is called ${scene.asked}.${similar}`,
      fix: 'Ask for a model that GET /v1/models lists, or name it as provider/model.',
    }
  },
  response_not_found: (w) =>
    w.detail['kept_by'] === undefined
      ? {
          because: `Nothing is kept for ${w.tenant} as ${w.detail['id']}.`,
          fix: 'Go on from an answer of this tenant that was stored within the last 30 days, or send the conversation whole.',
        }
      : {
          because: `${w.detail['id']} is kept by ${w.detail['kept_by']} (key source ${w.detail['under']}), and ${w.model} would answer elsewhere.`,
          fix: 'Ask for a model of that provider with the same key, or send the conversation whole.',
        },
  unsupported_parameter: (w) => ({
    because: `${w.detail['param']}: ${w.model} answers nothing in the background on the platform's key, since what that uses could not be booked.`,
    fix: `Leave it out, or pay with an own key: ${w.setKey}`,
  }),
  route_condition_unmet: (w) => ({
    because: `Route ${w.scene.asked} has ${w.model} for other requests only: ${w.detail['unmet']}.`,
    fix: `Ask for another model, or change the condition: ${w.rejection.rule}.`,
  }),
  plan_unknown: (w) => ({
    because: `Tenant ${w.tenant} is on plan ${w.plan}, which no configuration file defines.`,
    fix: `Define ${w.plan} in plans.yaml, or: ${w.changePlan}`,
  }),
  model_not_in_plan: modelNotInPlan,
  endpoint_not_in_plan: (w) =>
    w.narrowedByKey
      ? { because: 'This gateway key does not allow this endpoint.', fix: 'Use a key that allows it, or create one.' }
      : {
          because: `Plan ${w.plan} does not include the ${w.detail['endpoint']} endpoint.`,
          fix: `Add it to the plan's endpoints, or: ${w.changePlan}`,
        },
  provider_not_in_plan: (w) => ({
    because: `Plan ${w.plan} does not let ${w.tenant} use ${w.provider}.`,
    fix: `Add ${w.provider} to the plan's providers, or: ${w.changePlan}`,
  }),
  byok_not_in_plan: (w) => ({
    because: `Plan ${w.plan} does not let ${w.tenant} pay for ${w.provider} with a key of its own.`,
    fix: `Move ${w.tenant} to a plan with own keys: ${w.changePlan}`,
  }),
  credential_missing: credentialMissing,
  credential_unreadable: (w) => ({
    because: `The key ${w.detail['setting_key']} of ${w.tenant} cannot be read: ${w.detail['trouble'] ?? 'it does not open'}.`,
    fix: `Give the master key or opener that sealed it, or store the key again: ${w.setKey}`,
  }),
  credential_invalid: (w) =>
    w.rejection.payer === 'platform'
      ? { because: `${w.provider} refuses the platform's key.`, fix: `Replace ${w.detail['setting_key']} in the gateway's environment.` }
      : {
          because: `${w.provider} refuses the key that ${w.tenant} stored as ${w.detail['setting_key']}.`,
          fix: `Store a good one: ${w.setKey}`,
        },
  capability_missing: capabilityMissing,
  context_too_long: (w) => ({
    because: `The prompt has at least ${w.detail['at_least']} tokens and ${w.model} takes ${w.detail['context']}.`,
    fix: 'Shorten the prompt, or ask for a model with a longer context.',
  }),
  price_unknown: (w) => ({
    because: `The price of ${w.model} is unknown, and plan ${w.plan} does not spend the platform's money on unpriced models.`,
    fix: `Give it a price in models.yaml, set unpriced: allow on the plan, or pay with an own key: ${w.setKey}`,
  }),
  provider_unavailable: (w) => ({
    because: `${w.provider} cannot be called now${w.detail['reason'] ? `: ${w.detail['reason']}` : ''}.`,
    fix: w.detail['until'] ? `Try again after ${w.detail['until']}.` : 'Try again later, or ask for another provider.',
  }),
  provider_disabled: (w) => ({
    because: `An operator has switched ${w.provider} off${w.detail['reason'] ? `: ${w.detail['reason']}` : ''}.`,
    fix: w.detail['until'] ? `Try again after ${w.detail['until']}.` : 'Ask the operator, or use another provider.',
  }),
  rate_limit_exceeded: (w) => (w.detail['key'] === 'meters' ? budgetExceeded(w) : limitReached(w, 'Wait')),
  concurrency_limit_exceeded: (w) => limitReached(w, 'Wait for a running request to end'),
  budget_exceeded: budgetExceeded,
  request_exceeds_limit: (w) => ({
    because: `This one request would need ${w.detail['used']} of ${w.detail['limit']}, and ${w.holder} allows ${w.detail['allowed']} in all.`,
    fix: 'Make the request smaller, or raise the limit.',
  }),
}

function budgetExceeded(w: Words): Sentence {
  const { limit, key, used, allowed, left, needs, renews } = w.detail
  const held = `The ${limit} of ${key === undefined ? w.holder : `plan ${w.plan} for ${w.tenant}`}`
  const because =
    needs === undefined
      ? `${held} is spent: ${used} of ${allowed}.`
      : `${held} has ${left} left of ${allowed}, and ${w.model} may cost up to ${needs} for this request.`
  const renewal = renews === undefined ? '' : ` It begins anew at ${renews}.`
  const [raise, elsewhere] = key === 'budget' ? ['raise the budget', `, or pay with an own key: ${w.setKey}`] : ['raise it', '']
  return { because: because + renewal, fix: `${needs === undefined ? capital(raise) : `Lower max_tokens, ${raise}`}${elsewhere || '.'}` }
}

const capital = (words: string): string => `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`

function capabilityMissing(w: Words): Sentence {
  const { capability, of } = w.detail
  if (of === undefined) {
    return {
      because: `${w.model} cannot do what the request needs: ${capability}.`,
      fix: `Ask for a model with ${capability}, or leave it out of the request.`,
    }
  }
  return {
    because: `${of === 'provider' ? w.provider : w.model} serves no ${capability}.`,
    fix: `Ask for a model that does. If it does now, say so in ${of === 'provider' ? 'providers.yaml (also)' : 'models.yaml (endpoints)'}.`,
  }
}

function modelNotInPlan(w: Words): Sentence {
  if (w.narrowedByKey) return { because: `This gateway key does not allow ${w.model}.`, fix: 'Use a key that allows it, or create one.' }
  const { credential } = w.rejection.candidate?.provider ?? {}
  const ownKey = credential === 'key' && w.scene.plan?.byok.allowed && w.scene.plan.byok.models === 'any'
  const because = `Plan ${w.plan} does not include ${w.model}${w.tier}${ownKey ? " on the platform's money" : ''}.`
  return {
    because,
    fix: ownKey ? `Pay with an own key: ${w.setKey}` : `Ask for a model of the plan (GET /v1/models lists them), or: ${w.changePlan}`,
  }
}

function credentialMissing(w: Words): Sentence {
  const { keys } = w.detail
  if (keys !== undefined)
    return { because: `None of the ${keys} keys for ${w.provider} is for ${w.model}.`, fix: 'Add one for it, or widen the models of one.' }
  const names = (w.rejection.lookedFor ?? []).filter(({ via }) => via === 'platform').map(({ setting_key }) => setting_key)
  if (w.detail['own_keys_only']) {
    return {
      because: `Plan ${w.plan} opens a provider's own API to own keys only, and ${w.provider} asks for none: what lies there is not ${w.tenant}'s alone.`,
      fix: 'Set passthrough: any_keys on a plan whose tenants may all see it.',
    }
  }
  if (w.rejection.payer === 'tenant') {
    const neither =
      w.scene.other?.code === 'credential_missing' && w.scene.plan?.platform_keys !== 'never' ? ', and the platform has none either' : ''
    return {
      because: `Plan ${w.plan} lets ${w.tenant} use ${w.model} with its own key, but no key for ${w.provider} is stored${neither}.`,
      fix: w.setKey,
    }
  }
  if (w.scene.plan?.platform_keys === 'never') {
    return {
      because: `Plan ${w.plan} never spends the platform's keys, and ${w.tenant} has no key of its own for ${w.provider}.`,
      fix: w.setKey,
    }
  }
  return {
    because: `Plan ${w.plan} lets ${w.tenant} use ${w.model} on the platform's key, but the platform has no key for ${w.provider}.`,
    fix: `Set ${names[0] ?? 'its key'} in the gateway's environment and start it again.`,
  }
}

function limitReached(w: Words, wait: string): Sentence {
  const { allowed, limit, of, last4, retryAfter, scarce } = w.detail
  const patience = wait === 'Wait' && typeof retryAfter === 'number' ? `${wait} ${retryAfter} s` : wait
  const reached = `reached ${of === undefined ? 'its' : 'the'} limit of ${allowed} ${limit}`
  if (of === 'key')
    return { because: `This gateway key of ${w.tenant} has ${reached}.`, fix: `${patience}, or use a key with a higher one.` }
  if (of === 'plan')
    return {
      because: `The tenants of plan ${w.plan} together have ${reached}.`,
      fix: `${patience}, or raise plan_limits.${limit} of the plan.`,
    }
  if (scarce)
    return { because: `The platform's key …${last4} for ${w.provider} is short, and ${w.tenant} has had its share.`, fix: `${patience}.` }
  if (of === 'provider_key')
    return { because: `The key …${last4} for ${w.provider} has ${reached}.`, fix: `${patience}, or add a key to its pool.` }
  return { because: `${w.tenant} has ${reached} on plan ${w.plan}.`, fix: `${patience}, or raise limits.${limit}: ${w.changePlan}` }
}
