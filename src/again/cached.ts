// Equal requests of a tenant may be given the same answer for a while, where the plan, the route or the request itself says so.

import type { CachedAnswer, CachePlace } from '../contract/answer-cache.ts'
import type { Offer } from '../contract/decision.ts'
import { GatewayError } from '../errors.ts'
import { type Attempt, firstGood } from '../failover.ts'
import { decisionHeaders, type Headers, limitHeaders } from '../headers.ts'
import { type Made, option, startOf, type Turn } from '../turn.ts'
import { Copying } from './copying.ts'
import { digestOf } from './digest.ts'
import { retell } from './retell.ts'

/** As `firstGood`, which is not asked where an answer is there already. */
export function cached(turn: Turn, offers: readonly Offer[], attempt: Attempt): Promise<void> {
  const said = turn.inbound.header('x-tollgate-cache')
  const { cache = turn.plan.cache } = turn.decision.resolution
  return said === undefined && !cache
    ? firstGood(turn, offers, attempt)
    : throughCache({ turn, offers, attempt, said, ttl: cache?.ttl ?? USUAL })
}

/** For requests that ask for it themselves. Milliseconds. */
const USUAL = 60 * 60 * 1000

interface Wish {
  readonly turn: Turn
  readonly offers: readonly Offer[]
  readonly attempt: Attempt
  readonly said: string | undefined
  readonly ttl: number
}

async function throughCache({ turn, offers, attempt, said = 'use', ttl }: Wish): Promise<void> {
  if (!WORDS.includes(said)) throw new GatewayError('invalid_header', `x-tollgate-cache is one of ${WORDS.join(', ')}.`)
  if (said === 'off' || !isCacheable(turn)) return firstGood(marked(turn, 'off'), offers, attempt)
  const { gateway, inbound, client, caller } = turn
  const place = placeOf(turn, offers)
  const found = said === 'use' ? await gateway.answers.get(place) : undefined
  const offer = found && gateway.now() - found.at < ttl ? offers.find((one) => serves(one, found)) : undefined
  if (found && offer) return tellCached(turn, offer, found)
  let made: Made | undefined
  const copying = new Copying(client, gateway.sizes.keptAnswer)
  const hears = { ...marked(turn, 'miss'), client: copying, made: (one: Made) => (made = one) }
  await firstGood(hears, offers, attempt)
  const copy = copying.copy(inbound.requestId)
  // A key that lapsed meanwhile may be that of an erased tenant.
  if (copy?.status === 200 && made?.well && !gateway.lapsed(caller.key)) {
    const { offer: by, cost } = made
    gateway.answers.put(place, { copy, provider: by.provider.id, wireModel: by.wireModel, at: gateway.now(), cost }, ttl)
  }
  copying.finish()
}

const WORDS: readonly string[] = ['use', 'refresh', 'off']

const marked = (turn: Turn, what: 'hit' | 'miss' | 'off'): Turn => ({ ...turn, headers: { 'x-tollgate-cache': what } })

/** What lies at a provider, or is sent on while it is read, is no matter of its body alone; and no answer shall tell a cost that it had once. */
function isCacheable({ inbound, caller, peeked: { carried, form, keeps, from, ask } }: Turn): boolean {
  return !carried && !form && !keeps && !from && !ask.background && !option(inbound, caller, 'usage_cost')
}

const serves = ({ provider, wireModel }: Offer, found: CachedAnswer): boolean =>
  provider.id === found.provider && wireModel === found.wireModel

/** All that an answer depends on. A tenant that was made anew under an old id is another. */
function placeOf({ inbound, caller, peeked, config }: Turn, offers: readonly Offer[]): CachePlace {
  const { ingress, endpoint, asked } = inbound
  const { id: tenant, createdAt } = caller.tenant
  const names = [
    ...new Set(
      offers
        .flatMap(({ provider }) => [provider.dialect, ...provider.also.map(({ dialect }) => dialect)])
        .flatMap(({ headers = [] }) => headers),
    ),
  ]
  const headers = [...names.sort(), 'x-tollgate-pay'].map((name) => [name, inbound.header(name)])
  const about = [createdAt, config, ingress.id, endpoint, asked.model, asked.stream, option(inbound, caller, 'strict'), headers]
  return { tenant, digest: digestOf(about, peeked.scan.body) }
}

/** A row of the books at no cost, then the answer as it was, with what is left of the limits now. */
async function tellCached(turn: Turn, offer: Offer, { copy, at, cost }: CachedAnswer): Promise<void> {
  const { gateway, client, hold, decision, config, caller, plan } = turn
  const start = { ...startOf(turn, offer, 1), price: undefined, cached: { from: copy.requestId, saved: cost } }
  const ticket = await gateway.ledger.open(start)
  await ticket.settle({ state: 'settled', usage: undefined, status: copy.status, timings: { total: gateway.now() - start.at } })
  hold.settle(0)
  const headers: Headers = {
    ...decisionHeaders(decision, config),
    'x-tollgate-cache': 'hit',
    'x-tollgate-original-request-id': copy.requestId,
    age: String(Math.floor((gateway.now() - at) / 1000)),
  }
  limitHeaders(gateway.limits.standing(caller, plan), headers)
  await retell(client, { ...copy, headers: lasting(copy.headers) }, headers)
}

/** Without what was true at one moment only. */
function lasting(headers: Headers): Headers {
  const kept = Object.entries(headers).filter(([name]) => !MOMENTARY.test(name))
  return { ...Object.fromEntries(kept), ...(headers['x-tollgate-charge-usd'] !== undefined && { 'x-tollgate-charge-usd': '0' }) }
}

const MOMENTARY = /ratelimit-|^x-tollgate-cache$/
