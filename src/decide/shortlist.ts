import type { Offer, Rejection } from '../contract/decision.ts'
import type { Provider } from '../contract/provider.ts'
import type { Ranked } from '../contract/ranking.ts'
import { eachKey, WayDown } from '../failover/line-up.ts'
import { barredBefore } from './barred.ts'
import type { Bench } from './bench.ts'
import { judge } from './judge.ts'

/** More offers than any call tries. */
const ENOUGH = 16
/** Of one provider, so that others are on the list when all of it is down. */
const OF_ONE_PROVIDER = 4

/**
 * Judges the best candidates that can be offered, and tells how many it judged. Passed over are those of which it is known beforehand that
 * they cannot be: nobody has a key for their provider, or the judge has refused them before by rules that only a new configuration changes.
 */
export function shortlist(bench: Bench, ranked: Ranked): number {
  return new Search(bench, ranked).run()
}

/** Who may be asked to pay, as bits of a set. */
const TENANT = 1
const PLATFORM = 2
/** A provider that asks for no key: its calls are on the platform's side, and on nobody's budget. */
const NOBODY = 4
const BITS: Readonly<Record<Rejection['payer'], number>> = { tenant: TENANT, platform: PLATFORM, none: NOBODY }

class Search {
  readonly #bench: Bench
  readonly #ranked: Ranked
  /** By provider: who has a key for it that more offers are wanted of. */
  readonly #keys: Uint8Array
  /** By candidate: before whom it is refused whatever else is asked. */
  readonly #barred: Uint8Array
  readonly #own: Found
  readonly #platform: Found
  /** Where a call begins is known once it has led to an offer that is well. */
  readonly #way: WayDown
  /** Whose offers are still looked for. */
  #open: number

  constructor(bench: Bench, ranked: Ranked) {
    const { providers } = ranked.roster
    this.#bench = bench
    this.#ranked = ranked
    this.#keys = Uint8Array.from(providers, (provider) => keysFor(bench, provider))
    this.#barred = barredBefore(bench, ranked.roster)
    this.#open = this.#payersLeft()
    this.#own = new Found(providers.length)
    this.#platform = new Found(providers.length)
    this.#way = new WayDown(bench.plan, bench.snapshot)
  }

  run(): number {
    const { order } = this.#ranked
    let judged = 0
    for (let at = 0; at < order.length && this.#open !== 0; at++) if (this.#look(order[at] ?? 0)) judged++
    return judged
  }

  /** False where the candidate is passed over. */
  #look(place: number): boolean {
    const { roster, score } = this.#ranked
    const provider = roster.providerAt[place] ?? 0
    const payers = (this.#keys[provider] ?? 0) & ~(this.#barred[place] ?? 0) & this.#open
    const candidate = payers === 0 ? undefined : roster.candidates[place]
    if (!candidate) return false
    const { own, platform, rejected } = this.#bench
    const before = { own: own.length, platform: platform.length, rejected: rejected.length }
    judge(this.#bench, { candidate, score: score(place) })
    for (let at = before.rejected; at < rejected.length; at++) this.#learn(place, provider, rejected[at])
    this.#count(provider, own[before.own], platform[before.platform])
    return true
  }

  /** What was refused by a rule that binds others too need not be asked of them. */
  #learn(place: number, provider: number, rejection: Rejection | undefined): void {
    if (!rejection) return
    const payer = BITS[rejection.payer]
    if (isLasting(rejection)) this.#barred[place] = (this.#barred[place] ?? 0) | payer
    else if (rejection.stage === 'credential' || rejection.stage === 'health') this.#close(provider, payer)
    else if (rejection.stage === 'limits' && bindsOthers(rejection)) this.#open &= ~payer
  }

  /** What is found is counted once it is known where a call begins. After enough that the tenant pays, nobody asks for the platform's. */
  #count(provider: number, own: Offer | undefined, platform: Offer | undefined): void {
    if (own && this.#isAfterStart(own)) this.#enough(this.#own, provider, TENANT | PLATFORM | NOBODY)
    // Where the tenant may pay, a call begins with that, and a way from there to the platform's is known only with all of both.
    if (platform && this.#mayBegin() && this.#isAfterStart(platform)) this.#enough(this.#platform, provider, PLATFORM | NOBODY)
  }

  /** Any key of a pool will do, and they are tried in turn. */
  #isAfterStart(offer: Offer): boolean {
    const { snapshot } = this.#bench
    const after = eachKey(offer, this.#bench).filter((key) => this.#way.leadsTo(key))
    return after.some((key) => !snapshot.ailing(key))
  }

  #mayBegin(): boolean {
    return this.#way.ended || (this.#bench.own.length === 0 && (this.#payersLeft() & TENANT) === 0)
  }

  #enough(found: Found, provider: number, payers: number): void {
    const of = found.add(provider)
    if (of.provider >= OF_ONE_PROVIDER) this.#close(provider, payers)
    if (of.all >= ENOUGH) this.#open &= ~payers
  }

  #close(provider: number, payers: number): void {
    this.#keys[provider] = (this.#keys[provider] ?? 0) & ~payers
    this.#open &= this.#payersLeft()
  }

  #payersLeft(): number {
    return this.#keys.reduce((all, payers) => all | payers, 0)
  }
}

/** What costs too much says nothing of what costs less, nor one key of another. */
const bindsOthers = ({ detail }: Rejection): boolean => detail?.['needs'] === undefined && detail?.['of'] !== 'provider_key'

/** How many offers were found, of each provider and in all. */
class Found {
  readonly #byProvider: Uint8Array
  #all = 0

  constructor(providers: number) {
    this.#byProvider = new Uint8Array(providers)
  }

  add(provider: number): { readonly provider: number; readonly all: number } {
    const count = (this.#byProvider[provider] ?? 0) + 1
    this.#byProvider[provider] = count
    return { provider: count, all: ++this.#all }
  }
}

/** Whether anybody could pay at all; whether the key may be used is the judge's to say. */
function keysFor({ caller, ask, plan, snapshot }: Bench, provider: Provider): number {
  const walk = snapshot.walk(caller.tenant, provider)
  const own = walk.tenant ? TENANT : 0
  if (ask.pay === 'tenant' || !walk.platform) return own
  if (provider.credential === 'none') return own | NOBODY
  return plan.platform_keys === 'never' ? own : own | PLATFORM
}

/** By the plan, the gateway key, the endpoint or the needs alone, all of which `barredBefore` goes by. */
function isLasting({ stage, code }: Rejection): boolean {
  return stage === 'plan' || stage === 'price' || code === 'capability_missing'
}
