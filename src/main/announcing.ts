import { createHash } from 'node:crypto'
import type { Announce, GatewayEvent } from '../contract/event.ts'
import type { EventStore } from '../contract/store.ts'
import type { Hook } from '../telemetry/webhooks.ts'

interface Input {
  readonly store: EventStore
  readonly hooks: () => readonly Hook[]
  readonly now: () => number
  readonly onTrouble: (error: unknown) => void
}

/** Notes what happened in the outbox, once however often and by however many replicas it is told. */
export function announcing({ store, hooks, now, onTrouble }: Input): Announce {
  return (happening) => {
    const { type, subject, data } = happening
    const time = now()
    const event: GatewayEvent = {
      id: idOf([type, subject, 'once' in happening ? happening.once : Math.floor(time / happening.within)]),
      type,
      subject,
      at: new Date(time).toISOString(),
      data,
    }
    const urls = hooks().flatMap(({ types, url }) => (types.length === 0 || types.includes(type) ? [url] : []))
    store.append(event, urls).catch(onTrouble)
  }
}

const idOf = (parts: readonly unknown[]): string => `evt_${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24)}`
