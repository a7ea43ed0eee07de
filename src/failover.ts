// The first good answer. A further offer is tried only before a byte went to the client, and only where the last one surely did nothing.

import type { Offer } from './contract/decision.ts'
import type { PlanRules } from './contract/plan.ts'
import { GatewayError } from './errors.ts'

/** Why an attempt brought nothing, and whether its request may have reached the provider. */
export class AttemptFailed extends Error {
  readonly error: GatewayError
  readonly sent: boolean

  constructor(error: GatewayError, sent: boolean) {
    super(error.message, { cause: error })
    this.error = error
    this.sent = sent
  }
}

/** Runs one attempt after another until one delivers; rejects with the last one's `GatewayError`. */
export async function firstGood(
  offers: readonly Offer[],
  plan: PlanRules,
  attempt: (offer: Offer, number: number) => Promise<void>,
): Promise<void> {
  let last: GatewayError | undefined
  let offer = offers[0]
  for (let number = 1; offer && number <= MOST_ATTEMPTS; number++) {
    try {
      await attempt(offer, number)
      return
    } catch (error) {
      if (!(error instanceof AttemptFailed)) throw error
      last = error.error
      const failed: Failed = { offer, error }
      offer = offers.slice(offers.indexOf(offer) + 1).find((next) => mayFollow(next, failed, plan))
    }
  }
  throw last ?? new GatewayError('internal_error', 'No offer was left to try.')
}

const MOST_ATTEMPTS = 3

interface Failed {
  readonly offer: Offer
  readonly error: AttemptFailed
}

function mayFollow(next: Offer, { offer, error }: Failed, plan: PlanRules): boolean {
  if (!surelyNothingHappened(error)) return false
  if (next.provider.id !== offer.provider.id && (next.explicit || !plan.failover.other_provider)) return false
  // A tenant's own money is not swapped for the platform's because its key fails; only an outage may do that, and only where the plan says so.
  if (offer.credential.source === 'tenant' && next.credential.source !== 'tenant')
    return plan.platform_keys === 'on_outage' && isOutage(error)
  return true
}

/** Not processed: the connection was never made, or the provider said so itself. */
function surelyNothingHappened({ error, sent }: AttemptFailed): boolean {
  if (!sent) return OUTAGE_CODES.has(error.code)
  return error.code === 'upstream_error' && NOT_PROCESSED.has(error.status)
}

function isOutage({ error }: AttemptFailed): boolean {
  return OUTAGE_CODES.has(error.code) || (error.code === 'upstream_error' && error.status >= 500)
}

const OUTAGE_CODES: ReadonlySet<string> = new Set(['upstream_unreachable', 'upstream_timeout'])
const NOT_PROCESSED: ReadonlySet<number> = new Set([429, 503, 529])
