import type { Caller } from '../contract/caller.ts'
import type { Price } from '../contract/catalog.ts'
import type { Ask, Credential, Decision, LookedFor, Offer, Rejection, Snapshot } from '../contract/decision.ts'
import { type Sentence, sentenceOf } from './sentences.ts'
import { showScore } from './standing.ts'
import { statusOf } from './verdict.ts'

/** How much is shown: a tenant sees what its plan's `expose` says, an operator everything. */
export type Audience = 'none' | 'basic' | 'full'

export interface Question {
  readonly caller: Caller
  readonly ask: Ask
  readonly config: string
  readonly audience: Audience
  /** What is left of the tenant's limits, as data. */
  readonly limits: Readonly<Record<string, unknown>>
  /** What the decision was made on, to find what would change it; absent where the world has moved on since. */
  readonly snapshot?: Snapshot
}

/** `tenant`, `tenant:legacy`, `platform`, `none`: whose key pays and under which name it was found. */
export function keySource({ source, via }: Credential): string {
  return source === 'tenant' && via && via !== 'canonical' ? `tenant:${via}` : source
}

export function sentenceFor(rejection: Rejection, decision: Decision, question: Question): Sentence {
  const other = rejectionsOf(decision, rejection).find(({ payer }) => payer !== rejection.payer)
  return sentenceOf(rejection, {
    tenant: question.caller.tenant.slug,
    plan: decision.plan,
    asked: question.ask.model,
    ...(other && { other }),
  })
}

/** What was said of one candidate; a decision may hold thousands, so they are sorted once. */
function rejectionsOf(decision: Decision, { candidate }: Rejection): readonly Rejection[] {
  const known = sorted.get(decision) ?? Map.groupBy(decision.rejected, (rejection) => rejection.candidate)
  sorted.set(decision, known)
  return known.get(candidate) ?? []
}

const sorted = new WeakMap<Decision, ReadonlyMap<Rejection['candidate'], readonly Rejection[]>>()

export function showRejection(rejection: Rejection, decision: Decision, question: Question): object {
  return {
    provider: rejection.candidate?.provider.id,
    model: rejection.candidate?.names.qualified ?? question.ask.model,
    payer: rejection.payer,
    stage: rejection.stage,
    code: rejection.code,
    status: statusOf(rejection),
    rule: rejection.rule,
    ...sentenceFor(rejection, decision, question),
    ...(rejection.score && { score: showScore(rejection.score, decision.offers[0]?.score) }),
  }
}

export function showOffer(offer: Offer, { offers }: Decision, audience: Audience): object {
  const { credential } = offer
  const mine = credential.source === 'tenant'
  return {
    provider: offer.provider.id,
    model: offer.wireModel,
    name: offer.names.qualified,
    tier: offer.names.tier ?? null,
    key_source: keySource(credential),
    credential: {
      source: credential.source,
      setting_key: audience === 'full' || mine ? (credential.settingKey ?? null) : null,
      via: audience === 'full' || mine ? (credential.via ?? null) : null,
      last4: audience === 'full' || (mine && audience === 'basic') ? (credential.last4 ?? null) : null,
    },
    ...(audience !== 'none' && { price: showPrice(offer.price) }),
    ...(offer.score && { score: showScore(offer.score, offers[0]?.score) }),
  }
}

/** US dollars per million tokens, as exact decimals: a pico-dollar a token is a micro-dollar a million. */
function showPrice(price: Price | undefined): object | null {
  if (!price) return null
  const perMillion = (pico: number | undefined) => (pico === undefined ? undefined : pico / 1e6)
  return {
    input: perMillion(price.input),
    output: perMillion(price.output),
    cache_read: perMillion(price.cacheRead),
    unit: 'usd_per_million_tokens',
    snapshot: price.snapshot,
  }
}

export function showLookedFor(lookedFor: readonly LookedFor[], audience: Audience): readonly LookedFor[] {
  return audience === 'full' ? lookedFor : lookedFor.filter(({ via }) => via !== 'platform')
}
