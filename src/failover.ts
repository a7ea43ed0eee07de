// The first good answer. A further offer is tried only before a byte went to the client, and only as the table of failures allows.

import type { Offer } from './contract/decision.ts'
import type { FallbackKind } from './contract/plan.ts'
import { GatewayError } from './errors.ts'
import { drawn } from './failover/draw.ts'
import { type Failure, type Meaning, meaningOf } from './failover/failures.ts'
import { detour } from './failover/fallback.ts'
import { mayFollow } from './failover/hop.ts'
import { Overdrawn, refusedAll } from './failover/overdrawn.ts'
import { heldAgain, type Turn } from './turn.ts'

/** Why an attempt brought nothing, and whether its request may have reached the provider. */
export class AttemptFailed extends Error implements Failure {
  readonly error: GatewayError
  readonly sent: boolean
  /** Gives the client what came after all: a model's word that it will not speak of this is an answer, too. */
  readonly kept: (() => void) | undefined

  constructor(error: GatewayError, sent: boolean, kept?: () => void) {
    super(error.message, { cause: error })
    this.error = error
    this.sent = sent
    this.kept = kept
  }
}

export type Attempt = (turn: Turn, offer: Offer, number: number) => Promise<void>

/** Runs one attempt after another until one delivers; rejects with the last one's `GatewayError`. */
export async function firstGood(turn: Turn, offers: readonly Offer[], attempt: Attempt): Promise<void> {
  const line = lineOf(turn, offers)
  const [first] = line
  if (!first) throw new GatewayError('internal_error', 'No offer was left to try.')
  const { retries } = turn.gateway
  retries.enter()
  const left = entered(turn, first)
  const course = { offers: line, attempt, offer: first, overdrawn: [], tries: 1 }
  try {
    await attempt(turn, first, turn.tried + 1)
  } catch (error) {
    left?.()
    await (error instanceof Overdrawn ? goPast(turn, { ...course, tries: 0 }, error) : goOn(turn, { ...course, failed: asFailed(error) }))
  } finally {
    left?.()
    retries.leave()
  }
}

function lineOf({ peeked, gateway }: Turn, offers: readonly Offer[]): readonly Offer[] {
  const line = peeked.carried ? offers : drawn(offers, gateway.random)
  return isSentOnce(peeked) ? line.slice(0, 1) : line
}

/** A form is read while it is sent, and what lies in one account at a provider is in no other. */
const isSentOnce = ({ form, carried }: Turn['peeked']): boolean => form !== undefined || carried !== undefined

const MOST_ATTEMPTS = 3

interface Course {
  readonly offers: readonly Offer[]
  readonly attempt: Attempt
  readonly offer: Offer
  /** Undefined: nothing has failed yet, but too little was left for what was to be tried. */
  readonly failed?: AttemptFailed
  readonly overdrawn: readonly Overdrawn[]
  readonly tries: number
}

/** The next offer down the list, and the next, and in the end what the plan has in place of them all. */
async function goOn(turn: Turn, course: Course): Promise<void> {
  // Sound that broke off has been heard in part: nothing can be begun anew.
  if (turn.client.begun) return giveUp(turn, course)
  const next = course.tries < MOST_ATTEMPTS ? nextAfter(turn, course) : undefined
  if (!next) return fallBack(turn, course)
  const answered = turn.client.gone ? undefined : await mayTry(turn, course)
  const hold = answered && (await heldAgain(turn))
  if (!answered || !hold) {
    answered?.()
    return giveUp(turn, course)
  }
  const again = { ...turn, answered, hold }
  const left = entered(turn, next)
  const tries = course.tries + 1
  try {
    await course.attempt(again, next, turn.tried + tries)
  } catch (error) {
    left?.()
    answered()
    if (error instanceof Overdrawn) await goPast(again, { ...course, offer: next }, error)
    else await goOn(again, { ...course, offer: next, failed: asFailed(error), tries })
  } finally {
    left?.()
    answered()
    again.hold.release()
  }
}

/** An offer that too little is left for was not tried, and is no reason to take the next one for a second try. */
const goPast = (turn: Turn, course: Course, error: Overdrawn): Promise<void> =>
  goOn(turn, { ...course, overdrawn: [...course.overdrawn, error] })

/** What comes after a failure is a retry, of which there may be so many; undefined where there were. */
async function mayTry({ gateway }: Turn, { failed }: Course): Promise<(() => void) | undefined> {
  return failed ? gateway.retries.take() : () => {}
}

/** Another model, where the plan has one for what went wrong; once, and judged by the same decision. */
async function fallBack(turn: Turn, course: Course): Promise<void> {
  const { gateway, caller, peeked, decision } = turn
  const kind = turn.fallback || isSentOnce(peeked) ? undefined : kindOf(turn, course)
  const to = course.failed ? undefined : course.overdrawn.at(-1)?.instead
  const instead = kind && detour({ caller, ask: peeked.ask, snapshot: gateway.snapshot() }, decision, { on: kind, to })
  const answered = instead?.decision.offers[0] && !turn.client.gone ? await mayTry(turn, course) : undefined
  const hold = answered && (await heldAgain(turn))
  if (!instead || !answered || !hold) {
    answered?.()
    return giveUp(turn, course)
  }
  const asked = { ...turn, peeked: { ...peeked, ask: instead.ask }, decision: instead.decision, fallback: instead.fallback, hold }
  try {
    await firstGood({ ...asked, answered, tried: turn.tried + course.tries }, instead.decision.offers, course.attempt)
  } catch (error) {
    if (!course.failed?.kept) throw error
    course.failed.kept()
  } finally {
    answered()
    hold.release()
  }
}

/** The client gets what there is: an answer that was kept, or the failure, or why nothing was tried. */
function giveUp(turn: Turn, { failed, overdrawn }: Course): void {
  if (!failed) throw refusedAll(turn, overdrawn)
  if (!failed.kept) throw failed.error
  failed.kept()
}

function kindOf({ inbound }: Turn, { failed }: Course): FallbackKind | undefined {
  if (!failed) return 'budget'
  const meaning = meaningOf(failed)
  if (meaning?.ailment === 'outage') return meaning.next === 'again' || mayRepeat(inbound) ? 'outage' : undefined
  return failed.error.details.kind
}

/** A request goes to an offer: its health hears of it, and the limits of its key, until what this gives is called. */
function entered({ gateway: { health, limits }, caller, plan, peeked }: Turn, offer: Offer): (() => void) | undefined {
  // How a provider's own API answers tells nothing of its models, so nothing shall wait to hear of it.
  if (!peeked.carried) health.enter(offer)
  return limits.takeKey(offer, { caller, plan, ask: peeked.ask })
}

/** What is not an attempt's own failure is nobody's to try again. */
function asFailed(error: unknown): AttemptFailed {
  if (error instanceof AttemptFailed) return error
  throw error
}

/** The next offer down the list that may stand in; its key and its health may have changed since the decision. */
function nextAfter({ plan, inbound, gateway: { health } }: Turn, { offers, offer, failed }: Course): Offer | undefined {
  const meaning = failed ? meaningOf(failed) : UNTRIED
  if (!meaning || (meaning.next === 'when allowed' && !mayRepeat(inbound))) return undefined
  const left = { ...meaning, offer }
  const open = offers
    .slice(offers.indexOf(offer) + 1)
    .filter((next) => mayFollow(next, left, plan) && next.credential.state === 'usable' && !health.trouble(next))
  if (meaning.ailment !== 'outage') return open[0]
  // What one offer of a provider does not serve, its others hardly will; only three are tried in all, and on the same money first.
  const elsewhere = open.filter((next) => next.provider.id !== offer.provider.id)
  return elsewhere.find((next) => next.credential.source === offer.credential.source) ?? open[0]
}

/** Nothing went out, and nothing is wrong with the provider. */
const UNTRIED: Meaning = { next: 'again', ailment: 'busy' }

/** A client that sends an idempotency key, or says so, can bear its request processed twice. */
function mayRepeat(inbound: Turn['inbound']): boolean {
  return inbound.header('idempotency-key') !== undefined || inbound.header('x-tollgate-retry') === 'after-send'
}
