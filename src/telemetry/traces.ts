import type { Caller } from '../contract/caller.ts'
import type { Credential, Decision, Offer } from '../contract/decision.ts'
import type { Trace, Traces } from '../contract/trace.ts'

/** Milliseconds that a request is remembered. */
const LIFE = 3_600_000
/** Bounds of memory: requests, and all the offers and rejections of theirs together. Beyond them the oldest goes. */
const MOST = 5_000
const MOST_VERDICTS = 50_000

/**
 * A ring, searched only when somebody asks. What a request leaves behind outlives the young garbage, and every collection pays for it: so what
 * is like the last case of its key and model is not kept once more, and then nothing is left but an id and a time.
 */
export function createTraces(now: () => number): Traces {
  const ids: string[] = new Array(MOST).fill('')
  const times = new Float64Array(MOST)
  const cases: (Case | undefined)[] = new Array(MOST).fill(undefined)
  const usual = new UsualCases()
  let next = 0
  let count = 0
  let weight = 0

  function forgetOldest(): void {
    const oldest = (next - count + MOST) % MOST
    weight -= weightOf(cases[oldest])
    ids[oldest] = ''
    cases[oldest] = undefined
    count--
  }

  return {
    keep(trace) {
      if (count === MOST) forgetOldest()
      const one = usual.of(trace)
      ids[next] = trace.requestId
      times[next] = trace.at
      cases[next] = one
      next = (next + 1) % MOST
      count++
      weight += weightOf(one)
      while (count > 1 && weight > MOST_VERDICTS) forgetOldest()
    },
    find(requestId) {
      const seat = requestId === '' ? -1 : ids.indexOf(requestId)
      const [one, at = 0] = [cases[seat], times[seat]]
      return one && now() - at <= LIFE ? { ...one, requestId, at } : undefined
    },
  }
}

/** All of a trace that another request may have in common with it. */
type Case = Omit<Trace, 'requestId' | 'at'>

function weightOf(one: Case | undefined): number {
  return one ? one.decision.offers.length + one.decision.rejected.length + 1 : 0
}

/** Models whose last case is held for each key. */
const MOST_MODELS = 100

/** The last plain case of each gateway key and model: one offer, and nothing to be said against any other. */
class UsualCases {
  readonly #byKey = new WeakMap<Caller['key'], Map<string, Case>>()

  of({ caller, ask, decision, config }: Trace): Case {
    const [offer, another] = decision.offers
    const plain = offer && !another && decision.rejected.length === 0 && !offer.score && !offer.observed
    if (!plain) return { caller, ask, config, decision: keyless(decision) }
    const models = this.#of(caller.key)
    const known = models.get(ask.model)
    if (known && known.caller.tenant === caller.tenant && known.config === config && isLike(known, { ask, decision })) return known
    if (models.size >= MOST_MODELS) models.clear()
    const made = { caller, ask, config, decision: keyless(decision) }
    models.set(ask.model, made)
    return made
  }

  #of(key: Caller['key']): Map<string, Case> {
    let models = this.#byKey.get(key)
    if (!models) this.#byKey.set(key, (models = new Map()))
    return models
  }
}

function isLike(known: Pick<Case, 'ask' | 'decision'>, fresh: Pick<Case, 'ask' | 'decision'>): boolean {
  const [was, is] = [known.decision, fresh.decision]
  const [a, b] = [was.offers[0], is.offers[0]]
  if (!a || !b || was.plan !== is.plan || was.resolution !== is.resolution || was.unjudged !== is.unjudged) return false
  if (a.provider !== b.provider || a.wireModel !== b.wireModel || a.price !== b.price || a.walk.lookedFor !== b.walk.lookedFor) return false
  return SHOWN.every((what) => a.credential[what] === b.credential[what]) && isSame(known.ask, fresh.ask)
}

/** Of values as they are read from JSON. */
function isSame(a: object, b: object): boolean {
  const [was, is] = [Object.entries(a), Object.entries(b)]
  if (was.length !== is.length) return false
  return was.every(([name, value], at) => {
    const [other, now] = is[at] ?? []
    if (name !== other) return false
    return value === now || (typeof value === 'object' && value !== null && typeof now === 'object' && now !== null && isSame(value, now))
  })
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
