import type { SharedAsk, SharedCount, SharedMeter, SharedPlace, SharedRates, SharedRefusal } from '../contract/shared-rates.ts'
import { give, renew, take } from './rate-scripts.ts'
import type { Redis } from './redis.ts'

/** Milliseconds: a lease that was not renewed for so long was a dead replica's. */
const LIFE = 30_000
const MINUTE = 60_000
/** Leases renewed in one step. */
const AT_ONCE = 500

export interface SharedRatesInput {
  readonly redis: Redis
  /** This replica, in its leases. */
  readonly instance: string
  /** Milliseconds; a minute where not given. */
  readonly span?: number
  /** Milliseconds that a lease lasts without renewal. */
  readonly life?: number
}

export interface SharedRatesKeeper extends SharedRates {
  close(): void
}

/** Limits that all replicas together keep, by the server's clock: one step reads, decides and writes. */
export function createSharedRates(input: SharedRatesInput): SharedRatesKeeper {
  const keeper = new Keeper(input)
  const timer = setInterval(() => keeper.renew(), (input.life ?? LIFE) / 3).unref()
  return {
    get usable() {
      return input.redis.usable
    },
    get replicas() {
      return input.redis.replicas
    },
    take: (ask) => keeper.take(ask),
    close: () => clearInterval(timer),
  }
}

/** Meters whose keys lie on one node, so that one step decides on them. */
interface Group {
  readonly meters: readonly SharedMeter[]
  readonly keys: readonly [string, ...string[]]
}

/** What was taken of one group. */
interface Taken extends Group {
  readonly lease: string
  readonly bucket: number
  readonly counts: readonly SharedCount[]
}

/** What goes back into the bucket it was counted in; tokens below zero are counted now. */
interface Back {
  readonly requests: number
  readonly tokens: number
}

class Keeper {
  readonly #redis: Redis
  readonly #instance: string
  readonly #span: number
  readonly #life: number
  /** Of requests that run, by where they are kept. */
  readonly #leases = new Map<string, Set<string>>()
  #next = 0

  constructor({ redis, instance, span = MINUTE, life = LIFE }: SharedRatesInput) {
    this.#redis = redis
    this.#instance = instance
    this.#span = span
    this.#life = life
  }

  async take({ tenant, meters, tokens }: SharedAsk): Promise<SharedPlace | SharedRefusal | undefined> {
    const lease = `${this.#instance}:${(this.#next++).toString(36)}`
    const taken: Taken[] = []
    for (const group of this.#groups(tenant, meters)) {
      const one = await this.#takeOf(group, lease, tokens)
      if (!one || 'meter' in one) {
        this.#giveAll(taken, { requests: 1, tokens })
        return one
      }
      taken.push(one)
    }
    return {
      counts: meters.flatMap((meter) => taken.flatMap((one) => one.counts[one.meters.indexOf(meter)] ?? [])),
      settle: (unforeseen) => this.#giveAll(taken, { requests: 0, tokens: -unforeseen }),
      release: () => this.#giveAll(taken, { requests: 1, tokens }),
    }
  }

  renew(): void {
    for (const [key, leases] of this.#leases) {
      const all = [...leases]
      for (let at = 0; at < all.length; at += AT_ONCE) {
        void this.#redis.run({ script: renew, keys: [key], args: [this.#life, ...all.slice(at, at + AT_ONCE)] })
      }
    }
  }

  /** A tenant's own and its keys' together; a plan is of many tenants, so it lies by itself, and is asked last. */
  #groups(tenant: string, meters: readonly SharedMeter[]): Group[] {
    const parted = Map.groupBy(meters, (meter) => (meter.of === 'plan' ? meter.id : tenant))
    return [...parted].flatMap(([tag, together]) => {
      const [first, ...rest] = together.flatMap(({ of, id }) => {
        const name = this.#redis.key(tag, of, ...(of === 'key' ? [id] : []))
        return [`${name}:window`, `${name}:leases`]
      })
      return first === undefined ? [] : [{ meters: together, keys: [first, ...rest] as const }]
    })
  }

  async #takeOf(group: Group, lease: string, tokens: number): Promise<Taken | SharedRefusal | undefined> {
    const { meters, keys } = group
    const bounds = meters.flatMap(({ limits: { rpm, tpm, concurrency } }) => [rpm ?? -1, tpm ?? -1, concurrency ?? -1])
    const call = { script: take, keys, args: [lease, this.#life, this.#span, tokens, ...bounds] }
    const takenOf = (reply: unknown) => read(reply, group, lease)
    // Whoever waited has decided without it meanwhile.
    const late = (reply: unknown) => {
      const one = takenOf(reply)
      if (one && 'bucket' in one) this.#give(one, { requests: 1, tokens })
    }
    const one = takenOf(await this.#redis.run(call, late))
    if (one && 'bucket' in one) this.#hold(one)
    return one
  }

  #hold({ meters, keys, lease }: Taken): void {
    meters.forEach(({ limits }, at) => {
      const key = keys[2 * at + 1]
      if (typeof limits.concurrency !== 'number' || key === undefined) return
      const leases = this.#leases.get(key)
      if (leases) leases.add(lease)
      else this.#leases.set(key, new Set([lease]))
    })
  }

  #giveAll(taken: readonly Taken[], back: Back): void {
    for (const one of taken) this.#give(one, back)
  }

  /** Nobody waits for it: what is not heard of leaves with its minute, and a lease when it is not renewed. */
  #give({ keys, lease, bucket }: Taken, back: Back): void {
    let leased = false
    for (const key of keys) {
      const leases = this.#leases.get(key)
      if (!leases?.delete(lease)) continue
      leased = true
      if (leases.size === 0) this.#leases.delete(key)
    }
    if (!leased && back.requests === 0 && back.tokens === 0) return
    void this.#redis.run({ script: give, keys, args: [lease, this.#span, bucket, back.requests, back.tokens] })
  }
}

const LIMITS = ['rpm', 'tpm', 'concurrency'] as const

/** What the script answers, where it is what it should be. */
function read(reply: unknown, group: Group, lease: string): Taken | SharedRefusal | undefined {
  if (!Array.isArray(reply) || !reply.every((number) => typeof number === 'number')) return undefined
  const [taken, ...numbers] = reply
  if (taken !== 1) return refusalOf(numbers, group)
  const [bucket = 0, ...figures] = numbers
  const counts = group.meters.map((_, at) => {
    const [requests = 0, tokens = 0, resetMs = 0] = figures.slice(3 * at)
    return { requests, tokens, resetMs }
  })
  return { ...group, lease, bucket, counts }
}

function refusalOf(numbers: readonly number[], { meters }: Group): SharedRefusal | undefined {
  const [which = 0, limit = 0, used = 0, waitMs = 0, requests = 0, tokens = 0, resetMs = 0] = numbers
  const [meter, name] = [meters[which - 1], LIMITS[limit - 1]]
  return meter && name && { meter, limit: name, used, waitMs, count: { requests, tokens, resetMs } }
}
