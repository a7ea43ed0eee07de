import type { Ask, Credential, Offer, Rejection, Snapshot } from '../contract/decision.ts'
import type { PlanRules } from '../contract/plan.ts'
import { type Left, mayFollow } from './hop.ts'

/** What the line depends on besides the offers. */
export interface Circumstances {
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
  const keys = offers.flatMap((offer) => (offer.credential.pool ? keysFor(offer, offer.credential.pool, { ...at, rejected }) : [offer]))
  const first = firstWell(keys, at)
  if (first === undefined) return { offers: keys, rejected }
  const line = keys.slice(keys.indexOf(first)).filter((offer) => !ailing(offer))
  return { offers: line, rejected: [...rejected, ...keys.filter((offer) => !line.includes(offer)).map((offer) => passedOver(offer, at))] }
}

/** An offer with each key that can be used for it now; where none can, the pool's trouble is told once. */
function keysFor(
  offer: Offer,
  pool: readonly Credential[],
  { ask, snapshot, rejected }: Circumstances & { rejected: Rejection[] },
): Offer[] {
  const usable = pool.filter(({ state }) => state === 'usable')
  const serving = usable.filter(({ serves }) => serves?.(offer.names) ?? true)
  const free = serving.filter((key) => !snapshot.keyLimits(key, ask))
  const busy = serving.length > 0 && free.length === 0 ? serving.map((key) => snapshot.keyLimits(key, ask)) : []
  const [refusal] = busy.filter((one) => one !== undefined).sort((a, b) => (a.retryAfter ?? 0) - (b.retryAfter ?? 0))
  if (refusal) rejected.push({ ...told(offer), stage: 'limits', code: refusal.code, detail: { ...refusal } })
  else if (serving.length === 0) {
    const { lookedFor } = offer.walk
    rejected.push({ ...told(offer), stage: 'credential', code: 'credential_missing', lookedFor, detail: { keys: pool.length } })
  }
  return free.map((credential) => ({ ...offer, credential }))
}

function firstWell(offers: readonly Offer[], { plan, snapshot }: Circumstances): Offer | undefined {
  let left: Left | undefined
  for (const offer of offers) {
    if (left && !mayFollow(offer, left, plan)) continue
    const trouble = snapshot.ailing(offer)
    if (!trouble) return offer
    left = { offer, ailment: trouble.ailment, next: trouble.ailment === 'key' ? 'other key' : 'again' }
  }
  return undefined
}

function passedOver(offer: Offer, { snapshot }: Circumstances): Rejection {
  const trouble = snapshot.ailing(offer)
  const until = trouble && new Date(trouble.until).toISOString()
  const detail = { until, reason: trouble?.code ?? 'no hop leads here', last4: offer.credential.last4 }
  return { ...told(offer), stage: 'health', code: 'provider_unavailable', detail }
}

function told({ credential, walk: _walk, observed: _observed, ...candidate }: Offer): Pick<Rejection, 'candidate' | 'payer'> {
  return { candidate, payer: credential.source }
}
