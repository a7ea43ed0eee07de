import { type Headroom, shareLeft } from '../contract/headroom.ts'
import type { TenantId } from '../contract/ids.ts'
import { fairLevel } from './fair-level.ts'
import { ToldWindow } from './told-window.ts'
import { type Bucket, SlidingWindow } from './window.ts'

/** A request of one tenant with a key that it shares with others. */
export interface Draw {
  readonly tenant: TenantId
  /** What its plan counts beside the others'. */
  readonly weight: number
  readonly tokens: number
}

/** What it has used already of what is shared, and how long it should wait, in milliseconds. */
export interface Excess {
  readonly used: number
  readonly share: number
  readonly waitMs: number
}

/** Milliseconds since the epoch. */
interface Heard {
  readonly sentAt: number
  readonly now: number
}

/** Less than this share of a window left: from there on it is counted who uses it; from here on it is shared. */
const WATCHED = 0.5
const SHORT = 0.2
/** What is shared: the rest is for whoever comes next. */
const SHARED = 0.9
/** Milliseconds between two looks at all users, for each of them: the more there are, the more seldom. */
const LOOK = 0.25

const KINDS = ['requests', 'tokens'] as const
type Kind = (typeof KINDS)[number]

/**
 * Keys of which a provider has said that little is left, each for one model. What it can do in a minute is shared by the plans' priority:
 * everybody has as much as he asks for up to one level, which is where all of it is used. Only who is above it waits.
 */
export class ScarceKeys {
  readonly #keys = new Map<string, ScarceKey>()

  get size(): number {
    return this.#keys.size
  }

  /** `sentAt`: when the request left in whose answer this was told. */
  hear(id: string, headroom: Headroom, { sentAt, now }: Heard): void {
    const known = this.#keys.get(id) ?? ((shareLeft(headroom) ?? 1) < WATCHED ? this.#open(id, now) : undefined)
    known?.hear(headroom, { sentAt, now })
  }

  /** The provider did not take this one, and takes nothing more for so many milliseconds. */
  spent(id: string, tokens: number, { waitMs, now }: { waitMs: number; now: number }): void {
    const key = this.#keys.get(id) ?? this.#open(id, now)
    key.spent(tokens, waitMs, now)
  }

  excess(id: string, draw: Draw, now: number): Excess | undefined {
    return this.#keys.get(id)?.excess(draw, now)
  }

  take(id: string, draw: Draw, now: number): void {
    this.#keys.get(id)?.take(draw, now)
  }

  /** The idle ones go as new ones come. */
  #open(id: string, now: number): ScarceKey {
    for (const [other, key] of this.#keys) if (key.isIdle(now)) this.#keys.delete(other)
    const key = new ScarceKey()
    this.#keys.set(id, key)
    return key
  }
}

class ScarceKey {
  readonly #users = new Map<TenantId, User>()
  readonly #all = new User()
  readonly #told = { requests: new ToldWindow(), tokens: new ToldWindow() }
  readonly #levels = { requests: { at: Number.NEGATIVE_INFINITY, level: 0 }, tokens: { at: Number.NEGATIVE_INFINITY, level: 0 } }

  hear(headroom: Headroom, heard: Heard): void {
    for (const kind of KINDS) {
      const left = headroom[kind]
      if (left) this.#told[kind].hear(left, { ...heard, used: this.#all[kind].total(heard.now) })
    }
  }

  /** What its tenant wanted is counted as its need, and not as what the provider did. */
  spent(tokens: number, waitMs: number, now: number): void {
    this.#all.undo(tokens, now)
    this.#told.requests.spent(waitMs, this.#all.requests.total(now), now)
  }

  take({ tenant, weight, tokens }: Draw, now: number): void {
    const user = this.#users.get(tenant) ?? this.#enter(tenant, now)
    user.weight = weight
    for (const one of [user, this.#all]) one.take(tokens, now)
    this.#told.requests.take(1, now)
    this.#told.tokens.take(tokens, now)
  }

  excess({ tenant, weight, tokens }: Draw, now: number): Excess | undefined {
    const user = this.#users.get(tenant)
    // Whoever has used nothing is let in, and so is he who shares with nobody.
    if (!user || this.#users.size < 2) return undefined
    for (const kind of KINDS) {
      const all = this.#told[kind].scarce(this.#all[kind].total(now), SHORT, now)
      if (all === undefined) continue
      const used = user[kind].total(now)
      const share = this.#level(kind, all, now) * weight
      const amount = kind === 'requests' ? 1 : tokens
      if (used > 0 && used + amount > share) return { used, share, waitMs: user[kind].wait(amount, Math.max(amount, share), now) }
    }
    return undefined
  }

  isIdle(now: number): boolean {
    return KINDS.every((kind) => this.#told[kind].isOver(now)) && this.#all.isIdle(now)
  }

  /** Each newcomer has two of the oldest looked at, so that idle ones go. */
  #enter(tenant: TenantId, now: number): User {
    const oldest = this.#users.entries()
    for (const { value: entry } of [oldest.next(), oldest.next()]) {
      if (!entry) break
      const [id, one] = entry
      this.#users.delete(id)
      if (!one.isIdle(now)) this.#users.set(id, one)
    }
    const user = new User()
    this.#users.set(tenant, user)
    return user
  }

  /** How much one unit of weight may use in a minute, of all that there is. */
  #level(kind: Kind, all: number, now: number): number {
    const known = this.#levels[kind]
    if (Math.abs(now - known.at) < LOOK * this.#users.size) return known.level
    for (const [id, user] of this.#users) if (user.isIdle(now)) this.#users.delete(id)
    const uses = [...this.#users.values()].map((user) => ({ used: user[kind].total(now), weight: user.weight }))
    const level = fairLevel(all * SHARED, uses)
    this.#levels[kind] = { at: now, level }
    return level
  }
}

/** What one tenant did with a key within the last minute. */
class User {
  readonly requests = new SlidingWindow()
  readonly tokens = new SlidingWindow()
  weight = 1
  #last: { readonly requests: Bucket; readonly tokens: Bucket } | undefined

  take(tokens: number, now: number): void {
    this.#last = { requests: this.requests.add(1, now), tokens: this.tokens.add(tokens, now) }
  }

  /** Takes back one of those that were counted last. */
  undo(tokens: number, now: number): void {
    if (!this.#last) return
    this.requests.remove(Math.min(1, this.#last.requests.amount), this.#last.requests, now)
    this.tokens.remove(Math.min(tokens, this.#last.tokens.amount), this.#last.tokens, now)
  }

  isIdle(now: number): boolean {
    return this.requests.isEmpty(now)
  }
}
