import type { Caller } from '../contract/caller.ts'
import type { Credential, Decision, Offer } from '../contract/decision.ts'
import type { Trace, Traces } from '../contract/trace.ts'

/** Milliseconds that a request is remembered. */
const LIFE = 3_600_000
/** Bounds of memory: requests, and all the offers and rejections of theirs together. Beyond them the oldest goes. */
const MOST = 5_000
const MOST_VERDICTS = 50_000

/**
 * A ring, searched only when somebody asks: what each request leaves behind outlives the young garbage and is paid for by every collection,
 * so it is one small object, and a decision that is like the one before is not kept once more.
 */
export function createTraces(now: () => number): Traces {
  const ring: (Trace | undefined)[] = new Array(MOST)
  const usual = new UsualDecisions()
  let next = 0
  let count = 0
  let weight = 0

  function forgetOldest(): void {
    const oldest = (next - count + MOST) % MOST
    weight -= weightOf(ring[oldest])
    ring[oldest] = undefined
    count--
  }

  return {
    keep({ requestId, at, caller, ask, config, decision }) {
      if (count === MOST) forgetOldest()
      const one = { requestId, at, caller, ask, config, decision: usual.like(decision, caller) }
      ring[next] = one
      next = (next + 1) % MOST
      count++
      weight += weightOf(one)
      while (count > 1 && weight > MOST_VERDICTS) forgetOldest()
    },
    find(requestId) {
      const one = ring.find((kept) => kept?.requestId === requestId)
      return one && now() - one.at <= LIFE ? one : undefined
    },
  }
}

function weightOf(one: Trace | undefined): number {
  return one ? one.decision.offers.length + one.decision.rejected.length + 1 : 0
}

/** Models whose last decision is held for each key. */
const MOST_MODELS = 100

/** The last plain decision for each gateway key and model, as it may be kept: one offer, and nothing to be said against any other. */
class UsualDecisions {
  readonly #byKey = new WeakMap<Caller['key'], Map<string, Decision>>()

  like(decision: Decision, { key }: Caller): Decision {
    const [offer, another] = decision.offers
    if (!offer || another || decision.rejected.length > 0 || offer.score || offer.observed) return keyless(decision)
    const models = this.#of(key)
    const known = models.get(offer.names.qualified)
    if (known && isLike(known, decision)) return known
    if (models.size >= MOST_MODELS) models.clear()
    const plain = keyless(decision)
    models.set(offer.names.qualified, plain)
    return plain
  }

  #of(key: Caller['key']): Map<string, Decision> {
    let models = this.#byKey.get(key)
    if (!models) this.#byKey.set(key, (models = new Map()))
    return models
  }
}

function isLike(known: Decision, fresh: Decision): boolean {
  const [a, b] = [known.offers[0], fresh.offers[0]]
  if (!a || !b || known.plan !== fresh.plan || known.resolution !== fresh.resolution || known.unjudged !== fresh.unjudged) return false
  if (a.provider !== b.provider || a.wireModel !== b.wireModel || a.price !== b.price || a.walk.lookedFor !== b.walk.lookedFor) return false
  return SHOWN.every((what) => a.credential[what] === b.credential[what])
}

/** What may be told of a key. */
const SHOWN = ['source', 'settingKey', 'via', 'last4', 'fingerprint', 'state'] as const

/** What is remembered must not be a way to a key that was revoked or erased since. */
function keyless(decision: Decision): Decision {
  return decision.offers.length === 0 ? decision : { ...decision, offers: decision.offers.map(withoutKey) }
}

function withoutKey(offer: Offer): Offer {
  const { source, settingKey, via, last4, fingerprint, state } = offer.credential
  const credential: Credential = { source, settingKey, via, last4, fingerprint, state, secret: () => undefined }
  return { ...offer, credential, walk: { lookedFor: offer.walk.lookedFor, tenant: undefined, platform: undefined } }
}
