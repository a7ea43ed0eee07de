import type { Caller } from '../contract/caller.ts'
import type { Ask, Credential, Offer, Rejection, Snapshot } from '../contract/decision.ts'
import type { PlanRules } from '../contract/plan.ts'
import { type Left, mayFollow } from './hop.ts'

/** What the line depends on besides the offers. */
export interface Circumstances {
  readonly caller: Caller
  readonly plan: PlanRules
  readonly ask: Ask
  readonly snapshot: Pick<Snapshot, 'ailing' | 'keyLimits'>
}

export interface LineUp {
  /** In the order they are tried. */
  readonly offers: readonly Offer[]
  /** Why others are not among them. */
  readonly rejected: readonly Rejection[]
}

const NOBODY: readonly Rejection[] = []

/**
 * The offers as they are tried: each key of a pool by itself, and those in trouble passed over as a hop from them would be, that is for
 * another that may stand in and never for nobody. The very list where there is nothing of that.
 */
export function lineUp(offers: readonly Offer[], at: Circumstances): LineUp {
  const { ailing } = at.snapshot
  if (!offers.some(({ credential }) => credential.pool) && (offers.length < 2 || !offers.some(ailing))) return { offers, rejected: NOBODY }
  const rejected: Rejection[] = []
  const keys = offers.flatMap((offer) => eachKey(offer, at, rejected))
  const first = firstWell(keys, at)
  if (first === undefined) return { offers: keys, rejected }
  const line = keys.slice(keys.indexOf(first)).filter((offer) => !ailing(offer))
  return { offers: line, rejected: [...rejected, ...keys.filter((offer) => !line.includes(offer)).map((offer) => passedOver(offer, at))] }
}

/** An offer as it is, or with each key of its pool that can be used now; why none can is added to `rejected`. */
export function eachKey(offer: Offer, at: Circumstances, rejected: Rejection[] = []): readonly Offer[] {
  const { pool } = offer.credential
  return pool ? keysFor(offer, pool, { ...at, rejected }) : [offer]
}

/** An offer with each key that can be used for it now; where none can, the pool's trouble is told once. */
function keysFor(offer: Offer, pool: readonly Credential[], { rejected, ...at }: Circumstances & { rejected: Rejection[] }): Offer[] {
  const { ask, snapshot } = at
  const usable = whereKept(
    pool.filter(({ state }) => state === 'usable'),
    ask,
  )
  const serving = usable.filter(({ serves }) => serves?.(offer.names) ?? true)
  const limitsOf = (credential: Credential) => snapshot.keyLimits({ ...offer, credential }, at)
  const free = serving.filter((key) => !limitsOf(key))
  const busy = serving.length > 0 && free.length === 0 ? serving.map(limitsOf) : []
  const [refusal] = busy.filter((one) => one !== undefined).sort((a, b) => (a.retryAfter ?? 0) - (b.retryAfter ?? 0))
  if (refusal) rejected.push({ ...told(offer), stage: 'limits', code: refusal.code, detail: { ...refusal } })
  else if (serving.length === 0) {
    const { lookedFor } = offer.walk
    rejected.push({ ...told(offer), stage: 'credential', code: 'credential_missing', lookedFor, detail: { keys: pool.length } })
  }
  return free.map((credential) => ({ ...offer, credential }))
}

/** What one key's account keeps is in no other's; where that key is gone, another may have taken its place. */
function whereKept(keys: readonly Credential[], { kept }: Ask): readonly Credential[] {
  const holder = keys.filter(({ fingerprint }) => fingerprint !== undefined && fingerprint === kept?.keeper?.fingerprint)
  return holder.length > 0 ? holder : keys
}

function firstWell(offers: readonly Offer[], { plan, snapshot }: Circumstances): Offer | undefined {
  const way = new WayDown(plan, snapshot)
  return offers.find((offer) => way.leadsTo(offer))
}

/** From one offer in trouble to the next that may stand in for it, down to the first that is well. */
export class WayDown {
  readonly #plan: PlanRules
  readonly #health: Pick<Snapshot, 'ailing'>
  #left: Left | undefined
  #ended = false

  constructor(plan: PlanRules, health: Pick<Snapshot, 'ailing'>) {
    this.#plan = plan
    this.#health = health
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Told each offer in order: whether the way has come to its end with this one, or had before. */
  leadsTo(offer: Offer): boolean {
    if (this.#ended) return true
    if (this.#left && !mayFollow(offer, this.#left, this.#plan)) return false
    const trouble = this.#health.ailing(offer)
    this.#ended = !trouble
    if (trouble) this.#left = { offer, ailment: trouble.ailment, next: trouble.ailment === 'key' ? 'other key' : 'again' }
    return this.#ended
  }
}

function passedOver(offer: Offer, { snapshot }: Circumstances): Rejection {
  const trouble = snapshot.ailing(offer)
  const until = trouble && new Date(trouble.until).toISOString()
  const detail = { until, reason: trouble?.code ?? 'no hop leads here', last4: offer.credential.last4 }
  return { ...told(offer), stage: 'health', code: 'provider_unavailable', detail }
}

/** Whom a rejection of this offer speaks of. */
export function told({ credential, walk: _walk, observed: _observed, ...candidate }: Offer): Pick<Rejection, 'candidate' | 'payer'> {
  return { candidate, payer: credential.source }
}
