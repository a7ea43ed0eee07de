import type { Resolution } from '../contract/catalog.ts'
import type { Decision, LookedFor, Offer, Rejection } from '../contract/decision.ts'
import { type ErrorCode, GatewayError } from '../errors.ts'
import { smallestChange } from './remedy.ts'
import type { Sentence } from './sentences.ts'
import { keySource, type Question, sentenceFor, showLookedFor, showOffer, showRejection } from './show.ts'
import { type ShownRanking, showRanking } from './standing.ts'
import { tally } from './tally.ts'
import { type Verdict, verdictOf } from './verdict.ts'

export { type Audience, keySource, type Question } from './show.ts'

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
  /** Where several stand in the way: the one smallest change after which the request would be let through, found by judging again. */
  readonly change?: object | null
  readonly warning?: string
  /** The operator's route or alias, or the fallback that stands in: `smart -> openai/gpt-5-mini (outage)`. */
  readonly route?: string
  readonly deprecated?: string
  /** `a -> b until 2026-08-01T12:00:00.000Z: reason` */
  readonly redirected?: string
  /** Where candidates were ranked: by what, and for which shape of request. */
  readonly ranking?: ShownRanking
}

/** The decision as a sentence with its reasons; calls nobody and changes nothing. */
export function explain(decision: Decision, question: Question): Explanation {
  const { resolution, plan } = decision
  const common = {
    plan: plan?.id ?? question.caller.tenant.plan,
    tenant: question.caller.tenant.slug,
    model: question.ask.model,
    ...(decision.ranking && { ranking: showRanking(decision.ranking) }),
    offers: decision.offers.map((offer) => showOffer(offer, decision, question.audience)),
    rejected: decision.rejected.map((rejection) => showRejection(rejection, decision, question)),
    limits: question.limits,
    config: question.config,
    ...(resolution.warning && { warning: resolution.warning }),
    ...(resolution.route && { route: resolution.route }),
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
    param: paramOf(verdict),
    ...(typeof retryAfter === 'number' && { retryAfter }),
    metadata: {
      plan: decision.plan?.id ?? question.caller.tenant.plan,
      rule: spoken(verdict, decision)?.rule,
      counts: verdict.counts,
      rejected: decision.rejected.slice(0, 5).map((rejection) => showRejection(rejection, decision, question)),
    },
  })
}

/** The parameter that a client would have to change. */
function paramOf({ code, rejection }: Verdict): string | undefined {
  const param = rejection?.detail?.['param']
  return code === 'model_not_found' ? 'model' : typeof param === 'string' ? param : undefined
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
    because: `Plan ${common.plan} lets ${who} use ${first.names.qualified}; ${pays}.${best(decision)}${waived}`,
    fix: null,
    rule: decision.plan?.rule(source === 'tenant' ? 'byok' : 'models') ?? null,
    looked_for: showLookedFor(first.walk.lookedFor, question.audience),
    counts: verdictOf(decision).counts,
    ...common,
  }
}

function best({ ranking, offers }: Decision): string {
  const score = offers[0]?.score
  return ranking && score ? ` It stands first by ${ranking.by}, with a score of ${score.total.toFixed(3)}.` : ''
}

function refused(decision: Decision, { question, common }: Frame): Explanation {
  const verdict = verdictOf(decision)
  const speaker = spoken(verdict, decision)
  const { because, fix, change } = speak(verdict, decision, question)
  return {
    verdict: 'refused',
    status: verdict.status,
    code: verdict.code,
    because,
    fix,
    ...(verdict.code === 'no_eligible_model' && { change: change ? showRejection(change, decision, question) : null }),
    rule: speaker?.rule ?? null,
    looked_for: showLookedFor(speaker?.lookedFor ?? [], question.audience),
    counts: verdict.counts,
    ...common,
  }
}

interface Spoken extends Sentence {
  /** Of several objections, the one whose end would be enough. */
  readonly change?: Rejection
}

function speak(verdict: Verdict, decision: Decision, question: Question): Spoken {
  const speaker = spoken(verdict, decision)
  const { model } = question.ask
  if (!speaker) return { because: `Nothing can serve ${model}: no provider offers it.`, fix: 'Ask for a model that GET /v1/models lists.' }
  const sentence = sentenceFor(speaker, decision, question)
  if (verdict.code !== 'no_eligible_model') return sentence
  const because = `Nothing can serve ${model}. Of ${tally(verdict.spokesmen, decision.plan?.id ?? '')}.`
  const change = smallestChange(decision, question)
  if (!change) return { because: `${because} The nearest: ${sentence.because}`, fix: sentence.fix }
  const smallest = sentenceFor(change, decision, question)
  return {
    because: `${because} One thing alone is in the way of ${nameOf(change, question)}: ${smallest.because}`,
    fix: smallest.fix,
    change,
  }
}

const nameOf = ({ candidate }: Rejection, { ask }: Question): string => candidate?.names.qualified ?? ask.model

/** Where neither payer has a key, the tenant's own is the smaller change, so its sentence is told. */
function spoken({ rejection }: Verdict, decision: Decision): Rejection | undefined {
  if (rejection?.code !== 'credential_missing' || rejection.payer === 'tenant') return rejection
  return (
    decision.rejected.find(
      (other) => other.candidate === rejection.candidate && other.payer === 'tenant' && other.code === 'credential_missing',
    ) ?? rejection
  )
}
