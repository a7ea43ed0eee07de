import type { Offer } from '../contract/decision.ts'
import type { KeyReport, OfferHealth } from '../contract/health.ts'
import { Breaker } from './breaker.ts'

/** Milliseconds. What was well for so long is no longer told of. */
const QUIET = 600_000
/** Bound of memory: beyond it the oldest trouble is forgotten. */
const MAX_CASES = 10_000

export interface OfferHealthInput {
  /** Milliseconds. */
  readonly now: () => number
  /** From 0 to 1. */
  readonly random: () => number
}

/** A breaker for each offer, that is for a provider's model with one key. One that never failed has none, and costs a look. */
export function createOfferHealth({ now, random }: OfferHealthInput): OfferHealth {
  const cases = new Cases()
  return {
    trouble: (offer) => cases.find(offer)?.breaker.trouble(now()),
    enter: (offer) => cases.find(offer)?.breaker.enter(now()),
    succeeded(offer) {
      const found = cases.find(offer)
      if (!found) return
      if (now() - found.breaker.failedAt > QUIET) cases.forget(found)
      else found.breaker.succeeded(now())
    },
    failed(offer, failing) {
      const found = cases.find(offer) ?? cases.add({ offer, breaker: new Breaker(failing, now()) })
      found.breaker.failed(failing, now(), random())
    },
    report() {
      const recent = [...cases.all()].filter(({ breaker }) => now() - breaker.failedAt <= QUIET)
      const byKey = Map.groupBy(recent, (one) => `${one.offer.provider.id} ${one.offer.credential.fingerprint} ${stateOf(one, now())}`)
      const rows = [...byKey.values()].flatMap((alike) => reportOf(alike, now()))
      return rows.sort((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state))
    },
  }
}

interface Case {
  readonly offer: Offer
  readonly breaker: Breaker
}

/** By provider, key and wire model: maps in maps, since a name put together would be made for each request. */
class Cases {
  readonly #providers = new Map<string, Map<string, Map<string, Case>>>()
  /** Oldest first. */
  readonly #all = new Set<Case>()

  find({ provider, credential, wireModel }: Offer): Case | undefined {
    if (this.#all.size === 0) return undefined
    return this.#providers
      .get(provider.id)
      ?.get(credential.fingerprint ?? '')
      ?.get(wireModel)
  }

  add(added: Case): Case {
    const [oldest] = this.#all
    if (oldest && this.#all.size >= MAX_CASES) this.forget(oldest)
    const { provider, credential, wireModel } = added.offer
    nested(nested(this.#providers, provider.id), credential.fingerprint ?? '').set(wireModel, added)
    this.#all.add(added)
    return added
  }

  forget(gone: Case): void {
    const { provider, credential, wireModel } = gone.offer
    const keys = this.#providers.get(provider.id)
    const models = keys?.get(credential.fingerprint ?? '')
    models?.delete(wireModel)
    if (models?.size === 0) keys?.delete(credential.fingerprint ?? '')
    if (keys?.size === 0) this.#providers.delete(provider.id)
    this.#all.delete(gone)
  }

  all(): Iterable<Case> {
    return this.#all
  }
}

function nested<Inner>(outer: Map<string, Map<string, Inner>>, key: string): Map<string, Inner> {
  const known = outer.get(key) ?? new Map<string, Inner>()
  outer.set(key, known)
  return known
}

/** Worst first. */
const STATES = ['down', 'trying', 'cooling', 'failing'] as const

function stateOf({ breaker }: Case, now: number): KeyReport['state'] {
  if (breaker.isDown) return breaker.isTrying(now) ? 'trying' : 'down'
  return breaker.trouble(now) ? 'cooling' : 'failing'
}

function reportOf(alike: readonly Case[], now: number): KeyReport[] {
  const latest = alike.toSorted((a, b) => b.breaker.failedAt - a.breaker.failedAt)[0]
  if (!latest) return []
  const { provider, credential } = latest.offer
  const { source, settingKey, last4, fingerprint } = credential
  const { tenant, code } = latest.breaker.failing
  const shown = { provider: provider.id, source, tenant, settingKey, last4, fingerprint, code, failedAt: latest.breaker.failedAt }
  const models = alike.map(({ offer }) => offer.wireModel).sort()
  return [{ ...shown, state: stateOf(latest, now), models, until: latest.breaker.trouble(now)?.until }]
}
