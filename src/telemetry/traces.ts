import type { Credential, Decision, Offer } from '../contract/decision.ts'
import type { Observer } from '../contract/gateway.ts'
import type { FoundTrace, Trace, TracedAttempt, Traces } from '../contract/trace.ts'

/** Milliseconds that a request is remembered. */
const LIFE = 3_600_000
/** Bounds of memory: requests, and all the offers and rejections of theirs together. Beyond them the oldest goes. */
const MOST = 5_000
const MOST_VERDICTS = 50_000

interface Kept {
  readonly trace: Trace
  readonly weight: number
  readonly attempts: TracedAttempt[]
}

export function createTraces(now: () => number): Traces & Pick<Observer, 'attempt'> {
  const kept = new Map<string, Kept>()
  let weight = 0
  const forget = (id: string, one: Kept): void => {
    kept.delete(id)
    weight -= one.weight
  }
  return {
    keep(trace) {
      const one: Kept = { trace: { ...trace, decision: keyless(trace.decision) }, weight: weightOf(trace.decision), attempts: [] }
      kept.set(trace.requestId, one)
      weight += one.weight
      for (const [id, old] of kept) {
        if (kept.size <= MOST && weight <= MOST_VERDICTS && now() - old.trace.at <= LIFE) break
        forget(id, old)
      }
    },
    attempt(event) {
      kept.get(event.requestId)?.attempts.push(attemptOf(event))
    },
    find(requestId): FoundTrace | undefined {
      const one = kept.get(requestId)
      return one && now() - one.trace.at <= LIFE ? { ...one.trace, attempts: one.attempts } : undefined
    },
  }
}

const weightOf = ({ offers, rejected }: Decision): number => offers.length + rejected.length + 1

/** What is remembered must not be a way to a key that was revoked or erased since. */
function keyless(decision: Decision): Decision {
  return decision.offers.length === 0 ? decision : { ...decision, offers: decision.offers.map(withoutKey) }
}

function withoutKey(offer: Offer): Offer {
  const { source, settingKey, via, last4, fingerprint, state } = offer.credential
  const credential: Credential = { source, settingKey, via, last4, fingerprint, state, secret: () => undefined }
  return { ...offer, credential, walk: { lookedFor: offer.walk.lookedFor, tenant: undefined, platform: undefined } }
}

function attemptOf({ attempt, offer, code, status, firstByteMs, totalMs }: Parameters<Observer['attempt']>[0]): TracedAttempt {
  const { source, via, fingerprint } = offer.credential
  return { attempt, provider: offer.provider.id, wireModel: offer.wireModel, source, via, fingerprint, code, status, firstByteMs, totalMs }
}
