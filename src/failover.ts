// The first good answer. A further offer is tried only before a byte went to the client, and only as the table of failures allows.

import type { Offer } from './contract/decision.ts'
import { GatewayError } from './errors.ts'
import { drawn } from './failover/draw.ts'
import { type Failure, meaningOf } from './failover/failures.ts'
import { mayFollow } from './failover/hop.ts'
import type { Turn } from './turn.ts'

/** Why an attempt brought nothing, and whether its request may have reached the provider. */
export class AttemptFailed extends Error implements Failure {
  readonly error: GatewayError
  readonly sent: boolean

  constructor(error: GatewayError, sent: boolean) {
    super(error.message, { cause: error })
    this.error = error
    this.sent = sent
  }
}

export type Attempt = (turn: Turn, offer: Offer, number: number) => Promise<void>

/** Runs one attempt after another until one delivers; rejects with the last one's `GatewayError`. */
export async function firstGood(turn: Turn, offers: readonly Offer[], attempt: Attempt): Promise<void> {
  const line = drawn(offers, turn.gateway.random)
  const [first] = line
  if (!first) throw new GatewayError('internal_error', 'No offer was left to try.')
  const { retries } = turn.gateway
  retries.enter()
  const left = entered(turn, first)
  try {
    await attempt(turn, first, 1)
  } catch (error) {
    left?.()
    await goOn(turn, { offers: line, attempt, offer: first, failed: asFailed(error) })
  } finally {
    left?.()
    retries.leave()
  }
}

const MOST_ATTEMPTS = 3

interface Course {
  readonly offers: readonly Offer[]
  readonly attempt: Attempt
  readonly offer: Offer
  readonly failed: AttemptFailed
}

async function goOn(turn: Turn, course: Course): Promise<void> {
  let { offer, failed } = course
  for (let number = 2; number <= MOST_ATTEMPTS; number++) {
    const next = nextAfter(turn, { ...course, offer, failed })
    const answered = next && !turn.client.gone && (await turn.gateway.retries.take())
    if (!answered) throw failed.error
    offer = next
    const left = entered(turn, next)
    try {
      await course.attempt({ ...turn, answered }, next, number)
      return
    } catch (error) {
      failed = asFailed(error)
    } finally {
      left?.()
      answered()
    }
  }
  throw failed.error
}

/** A request goes to an offer: its health hears of it, and the limits of its key, until what this gives is called. */
function entered({ gateway: { health, limits }, peeked }: Turn, offer: Offer): (() => void) | undefined {
  health.enter(offer)
  return limits.takeKey(offer.credential, peeked.ask)
}

/** What is not an attempt's own failure is nobody's to try again. */
function asFailed(error: unknown): AttemptFailed {
  if (error instanceof AttemptFailed) return error
  throw error
}

/** The next offer down the list that may stand in; its key and its health may have changed since the decision. */
function nextAfter({ plan, inbound, gateway: { health } }: Turn, { offers, offer, failed }: Course): Offer | undefined {
  const meaning = meaningOf(failed)
  if (!meaning || (meaning.next === 'when allowed' && !mayRepeat(inbound))) return undefined
  const left = { ...meaning, offer }
  const open = offers
    .slice(offers.indexOf(offer) + 1)
    .filter((next) => mayFollow(next, left, plan) && next.credential.state === 'usable' && !health.trouble(next))
  // What one offer of a provider does not serve, its others hardly will; only three are tried in all.
  const elsewhere = meaning.ailment === 'outage' ? open.find((next) => next.provider.id !== offer.provider.id) : undefined
  return elsewhere ?? open[0]
}

/** A client that sends an idempotency key, or says so, can bear its request processed twice. */
function mayRepeat(inbound: Turn['inbound']): boolean {
  return inbound.header('idempotency-key') !== undefined || inbound.header('x-tollgate-retry') === 'after-send'
}
