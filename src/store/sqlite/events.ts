import type { Database } from 'better-sqlite3'
import type { GatewayEvent } from '../../contract/event.ts'
import type { EventStore } from '../../contract/store.ts'
import { type DeliveryRow, decodeEvent, decodeState, type EventRow, KEPT_EVENTS } from '../rows/events.ts'
import { whenFree } from './connection.ts'

/** Events and who is still to hear of them: an outbox, so that what was noted is told after a crash, too. */
export function eventStore(db: Database, now: () => number): EventStore {
  const insert = db.prepare('INSERT INTO events (id, type, subject, at, data) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING')
  const owe = db.prepare('INSERT INTO deliveries (event, url, attempts, next_at) VALUES (?, ?, 0, ?)')
  const trim = db.prepare('DELETE FROM events WHERE seq <= (SELECT max(seq) FROM events) - ?')
  const orphans = db.prepare('DELETE FROM deliveries WHERE event NOT IN (SELECT id FROM events)')
  const claim = db
    .prepare<[number, number, number], [event: string, url: string, attempts: number]>(`
    UPDATE deliveries SET next_at = ? WHERE (event, url) IN (SELECT event, url FROM deliveries WHERE next_at <= ? ORDER BY next_at LIMIT ?)
    RETURNING event, url, attempts`)
    .raw()
  const one = db.prepare<[string], EventRow>('SELECT seq, id, type, subject, at, data FROM events WHERE id = ?').raw()
  const list = db
    .prepare<[number, number], EventRow>('SELECT seq, id, type, subject, at, data FROM events WHERE seq < ? ORDER BY seq DESC LIMIT ?')
    .raw()
  const states = db
    .prepare<[string], DeliveryRow>('SELECT url, attempts, delivered_at, next_at, error FROM deliveries WHERE event = ? ORDER BY url')
    .raw()
  const settle = db.prepare(
    'UPDATE deliveries SET attempts = attempts + 1, delivered_at = ?, next_at = ?, error = ? WHERE event = ? AND url = ?',
  )

  const append = db.transaction(({ id, type, subject, at, data }: GatewayEvent, urls: readonly string[]): boolean => {
    if (insert.run(id, type, subject, at, JSON.stringify(data)).changes === 0) return false
    for (const url of urls) owe.run(id, url, now())
    if (trim.run(KEPT_EVENTS).changes > 0) orphans.run()
    return true
  })

  return {
    append: (event, urls) => whenFree(() => append.immediate(event, urls)),
    due: (limit, until) =>
      whenFree(() =>
        claim.all(until, now(), limit).flatMap(([id, url, attempts]) => {
          const row = one.get(id)
          return row ? [{ event: decodeEvent(row), url, attempts }] : []
        }),
      ),
    settle: ({ event, url }, { deliveredAt, nextAt, error }) =>
      whenFree(() => void settle.run(deliveredAt ?? null, nextAt ?? null, error ?? null, event.id, url)),
    list: async ({ before = Number.MAX_SAFE_INTEGER, limit }) =>
      list.all(before, limit).map((row) => ({ ...decodeEvent(row), seq: row[0], deliveries: states.all(row[1]).map(decodeState) })),
  }
}
