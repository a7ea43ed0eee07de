import type { GatewayEvent } from '../../contract/event.ts'
import type { EventStore } from '../../contract/store.ts'
import { type DeliveryRow, decodeEvent, decodeState, type EventRow, KEPT_EVENTS } from '../rows/events.ts'
import type { Database } from './database.ts'

const SELECT = 'SELECT seq, id, type, subject, at, data FROM events'

/** Events and who is still to hear of them: an outbox, so that what was noted is told after a crash, too. */
export function eventStore(db: Database, now: () => number): EventStore {
  return {
    append: ({ id, type, subject, at, data }: GatewayEvent, urls) =>
      db.transaction(async (tx) => {
        const text = 'INSERT INTO events (id, type, subject, at, data) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING'
        if ((await tx.run(text, id, type, subject, at, JSON.stringify(data))) === 0) return false
        await tx.run(
          'INSERT INTO deliveries (event, url, attempts, next_at) SELECT $1, url, 0, $3 FROM unnest($2::text[]) AS url',
          id,
          urls,
          now(),
        )
        const trimmed = await tx.run('DELETE FROM events WHERE seq <= (SELECT max(seq) FROM events) - $1', KEPT_EVENTS)
        if (trimmed > 0) await tx.run('DELETE FROM deliveries WHERE event NOT IN (SELECT id FROM events)')
        return true
      }),
    async due(limit, until) {
      const claimed = await db.tuples<[...EventRow, url: string, attempts: number]>(
        `WITH due AS (SELECT event, url FROM deliveries WHERE next_at <= $2 ORDER BY next_at LIMIT $3 FOR UPDATE SKIP LOCKED)
        UPDATE deliveries SET next_at = $1 FROM due JOIN events ON events.id = due.event
        WHERE deliveries.event = due.event AND deliveries.url = due.url
        RETURNING events.seq, events.id, type, subject, at, data, deliveries.url, attempts`,
        ...[until, now(), limit],
      )
      return claimed.map(([seq, id, type, subject, at, data, url, attempts]) => ({
        event: decodeEvent([seq, id, type, subject, at, data]),
        url,
        attempts,
      }))
    },
    async settle({ event, url }, { deliveredAt, nextAt, error }) {
      await db.run(
        'UPDATE deliveries SET attempts = attempts + 1, delivered_at = $3, next_at = $4, error = $5 WHERE event = $1 AND url = $2',
        ...[event.id, url, deliveredAt ?? null, nextAt ?? null, error ?? null],
      )
    },
    async list({ before = Number.MAX_SAFE_INTEGER, limit }) {
      const events = await db.tuples<EventRow>(`${SELECT} WHERE seq < $1 ORDER BY seq DESC LIMIT $2`, before, limit)
      const states = await db.tuples<[event: string, ...DeliveryRow]>(
        'SELECT event, url, attempts, delivered_at, next_at, error FROM deliveries WHERE event = ANY($1) ORDER BY url',
        events.map(([, id]) => id),
      )
      return events.map((row) => {
        const deliveries = states.flatMap(([event, ...state]) => (event === row[1] ? [decodeState(state)] : []))
        return { ...decodeEvent(row), seq: row[0], deliveries }
      })
    },
  }
}
