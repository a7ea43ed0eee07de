import type { Delivery, EventType, GatewayEvent } from '../contract/event.ts'
import type { Secret } from '../contract/secret.ts'
import type { EventStore } from '../contract/store.ts'
import type { Web } from '../contract/web.ts'
import { type Signed, signedPost } from './signature.ts'

/** An address of the operator's that hears of events. */
export interface Hook {
  readonly url: string
  readonly secret: Secret
  /** Empty: all. */
  readonly types: readonly EventType[]
  readonly private: boolean
}

export interface WebhooksInput {
  readonly store: EventStore
  readonly web: Web
  /** Of the configuration in force. */
  readonly hooks: () => readonly Hook[]
  readonly now: () => number
  readonly onTrouble: (error: unknown) => void
}

export interface Webhooks {
  /** Sends what is due; what fails is due again later. Resolves when all of it was tried. */
  deliver(): Promise<void>
}

/** Milliseconds until the next try, by how many there were; the last again and again. */
const WAITS = [5_000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000]
/** Tries after which an event is given up: some three days. */
const MOST_TRIES = 76
/** Milliseconds for which a delivery is one process's own; one that dies meanwhile loses nothing but the time. */
const CLAIM = 60_000
const AT_ONCE = 20

/** At least once: a receiver may hear of an event twice, under the same id. */
export function createWebhooks({ store, web, hooks, now, onTrouble }: WebhooksInput): Webhooks {
  let running: Promise<void> | undefined

  async function drain(): Promise<void> {
    if (hooks().length === 0) return
    for (;;) {
      const due = await store.due(AT_ONCE, now() + CLAIM)
      await Promise.all(due.map(tried))
      if (due.length < AT_ONCE) return
    }
  }

  async function tried(delivery: Delivery): Promise<void> {
    const hook = hooks().find(({ url }) => url === delivery.url)
    const error = hook ? await refusalOf(hook, delivery.event) : 'no address of gateway.yaml any more'
    if (error === undefined) return store.settle(delivery, { deliveredAt: new Date(now()).toISOString() })
    const over = !hook || delivery.attempts + 1 >= MOST_TRIES
    const wait = WAITS[Math.min(delivery.attempts, WAITS.length - 1)] ?? 0
    return store.settle(delivery, { error, ...(!over && { nextAt: now() + wait }) })
  }

  async function refusalOf(hook: Hook, event: GatewayEvent): Promise<string | undefined> {
    try {
      const status = await web.post(hook, signed(event, hook.secret, now()))
      return status >= 200 && status < 300 ? undefined : `answered ${status}`
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  return {
    deliver: () =>
      (running ??= drain()
        .catch(onTrouble)
        .finally(() => {
          running = undefined
        })),
  }
}

export function signed({ id, type, at, subject, data }: GatewayEvent, secret: Secret, now: number): Signed {
  return signedPost({ id, body: { type, timestamp: at, data: { subject, ...data } } }, secret, now)
}
