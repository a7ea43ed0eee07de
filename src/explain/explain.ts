import type { Caller } from '../contract/caller.ts'
import type { Price, Resolution } from '../contract/catalog.ts'
import type { Ask, Credential, Decision, LookedFor, Offer, Rejection } from '../contract/decision.ts'
import { type ErrorCode, GatewayError } from '../errors.ts'
import { type Sentence, sentenceOf } from './sentences.ts'
import { statusOf, type Verdict, verdictOf } from './verdict.ts'

/** How much is shown: a tenant sees what its plan's `expose` says, an operator everything. */
export type Audience = 'none' | 'basic' | 'full'

export interface Question {
  readonly caller: Caller
  readonly ask: Ask
  readonly config: string
  readonly audience: Audience
  /** What is left of the tenant's limits, as data. */
  readonly limits: Readonly<Record<string, unknown>>
}

/** The body of `GET /v1/explain` and of `x-tollgate-explain`. */
export interface Explanation {
  readonly verdict: 'allowed' | 'refused'
  readonly status: number
  readonly code: ErrorCode | null
  readonly because: string
  readonly fix: string | null
  readonly rule: string | null
  readonly plan: string
  readonly tenant: string
  readonly model: string
  readonly looked_for: readonly LookedFor[]
  readonly offers: readonly object[]
  readonly rejected: readonly object[]
  readonly counts: Verdict['counts']
  readonly limits: Readonly<Record<string, unknown>>
  readonly config: string
  readonly warning?: string
  readonly deprecated?: string
  /** `a -> b until 2026-08-01T12:00:00.000Z: reason` */
  readonly redirected?: string
}

/** The decision as a sentence with its reasons; calls nobody and changes nothing. */
export function explain(decision: Decision, question: Question): Explanation {
  const { resolution, plan } = decision
  const common = {
    plan: plan?.id ?? question.caller.tenant.plan,
    tenant: question.caller.tenant.slug,
    model: question.ask.model,
    offers: decision.offers.map((offer) => showOffer(offer, question.audience)),
    rejected: decision.rejected.map((rejection) => showRejection(rejection, decision, question)),
    limits: question.limits,
    config: question.config,
    ...(resolution.warning && { warning: resolution.warning }),
    ...(resolution.redirected && { redirected: toldRedirect(resolution.redirected) }),
    ...(resolution.deprecated && { deprecated: `${resolution.deprecated.legacy} -> ${resolution.deprecated.canonical}` }),
  }
  return decision.offers[0] ? allowed(decision.offers[0], decision, { question, common }) : refused(decision, { question, common })
}

const toldRedirect = ({ from, to, until, reason }: NonNullable<Resolution['redirected']>): string =>
  `${from} -> ${to} until ${until}: ${reason}`

/** The same refusal as an error: what a call gets. */
export function refusal(decision: Decision, question: Question): GatewayError {
  const verdict = verdictOf(decision)
  const { because, fix } = speak(verdict, decision, question)
  const retryAfter = verdict.rejection?.detail?.['retryAfter']
  return new GatewayError(verdict.code, `${because} ${fix}`, {
    status: verdict.status,
    origin: verdict.code === 'credential_invalid' && verdict.rejection?.payer === 'platform' ? 'platform' : undefined,
    param: verdict.code === 'model_not_found' ? 'model' : undefined,
    ...(typeof retryAfter === 'number' && { retryAfter }),
    metadata: {
      plan: decision.plan?.id ?? question.caller.tenant.plan,
      rule: spoken(verdict, decision)?.rule,
      counts: verdict.counts,
      rejected: decision.rejected.slice(0, 5).map((rejection) => showRejection(rejection, decision, question)),
    },
  })
}

/** `tenant`, `tenant:legacy`, `platform`, `none`: whose key pays and under which name it was found. */
export function keySource({ source, via }: Credential): string {
  return source === 'tenant' && via && via !== 'canonical' ? `tenant:${via}` : source
}

interface Frame {
  readonly question: Question
  readonly common: Omit<Explanation, 'verdict' | 'status' | 'code' | 'because' | 'fix' | 'rule' | 'looked_for' | 'counts'>
}

function allowed(first: Offer, decision: Decision, { question, common }: Frame): Explanation {
  const who = question.caller.tenant.slug
  const { source, settingKey } = first.credential
  const key = source === 'tenant' ? `its own key (${settingKey}, ${keySource(first.credential)})` : "the platform's key"
  const pays = source === 'none' ? 'no key is needed' : `${key} pays`
  const waived = first.observed
    ? ` It would be refused under enforcement: on: ${sentenceFor(first.observed, decision, question).because}`
    : ''
  return {
    verdict: 'allowed',
    status: 200,
    code: null,
    because: `Plan ${common.plan} lets ${who} use ${first.names.qualified}; ${pays}.${waived}`,
    fix: null,
    rule: decision.plan?.rule(source === 'tenant' ? 'byok' : 'models') ?? null,
    looked_for: showLookedFor(first.walk.lookedFor, question.audience),
    counts: verdictOf(decision).counts,
    ...common,
  }
}

function refused(decision: Decision, { question, common }: Frame): Explanation {
  const verdict = verdictOf(decision)
  const speaker = spoken(verdict, decision)
  return {
    verdict: 'refused',
    status: verdict.status,
    code: verdict.code,
    ...speak(verdict, decision, question),
    rule: speaker?.rule ?? null,
    looked_for: showLookedFor(speaker?.lookedFor ?? [], question.audience),
    counts: verdict.counts,
    ...common,
  }
}

function speak(verdict: Verdict, decision: Decision, question: Question): Sentence {
  const speaker = spoken(verdict, decision)
  if (!speaker)
    return { because: `Nothing can serve ${question.ask.model}: no provider offers it.`, fix: 'Ask for a model that GET /v1/models lists.' }
  const sentence = sentenceFor(speaker, decision, question)
  if (verdict.code !== 'no_eligible_model') return sentence
  const counts = Object.entries(verdict.counts).map(([stage, count]) => `${count} at ${stage}`)
  return {
    because: `None of the ${verdict.spokesmen.length} ways to serve ${question.ask.model} is open (${counts.join(', ')}). The nearest: ${sentence.because}`,
    fix: sentence.fix,
  }
}

/** Where neither payer has a key, the tenant's own is the smaller change, so its sentence is told. */
function spoken({ rejection }: Verdict, decision: Decision): Rejection | undefined {
  if (rejection?.code !== 'credential_missing' || rejection.payer === 'tenant') return rejection
  return (
    decision.rejected.find(
      (other) => other.candidate === rejection.candidate && other.payer === 'tenant' && other.code === 'credential_missing',
    ) ?? rejection
  )
}

function sentenceFor(rejection: Rejection, decision: Decision, question: Question): Sentence {
  const other = decision.rejected.find(({ candidate, payer }) => candidate === rejection.candidate && payer !== rejection.payer)
  return sentenceOf(rejection, {
    tenant: question.caller.tenant.slug,
    plan: decision.plan,
    asked: question.ask.model,
    ...(other && { other }),
  })
}

function showRejection(rejection: Rejection, decision: Decision, question: Question): object {
  return {
    provider: rejection.candidate?.provider.id,
    model: rejection.candidate?.names.qualified ?? question.ask.model,
    payer: rejection.payer,
    stage: rejection.stage,
    code: rejection.code,
    status: statusOf(rejection),
    rule: rejection.rule,
    ...sentenceFor(rejection, decision, question),
  }
}

function showOffer(offer: Offer, audience: Audience): object {
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

function showLookedFor(lookedFor: readonly LookedFor[], audience: Audience): readonly LookedFor[] {
  return audience === 'full' ? lookedFor : lookedFor.filter(({ via }) => via !== 'platform')
}
