import { z } from 'zod'
import { EVENT_TYPES } from '../../contract/event.ts'
import type { EventStore } from '../../contract/store.ts'
import { page, pageOf, pageQuery, readNumberCursor } from '../page.ts'
import { adminRoute } from './context.ts'

const eventAnswer = z.strictObject({
  id: z.string().meta({ description: 'As the header webhook-id has it.' }),
  type: z.enum(EVENT_TYPES),
  subject: z.string(),
  at: z.string(),
  data: z.record(z.string(), z.unknown()),
  deliveries: z.array(
    z.strictObject({
      host: z.string().meta({ description: 'Of the address; what follows it may be a secret.' }),
      attempts: z.int(),
      delivered_at: z.string().nullable(),
      next_at: z.string().nullable(),
      error: z.string().nullable(),
    }),
  ),
})

export const eventRoutes = [
  adminRoute({
    method: 'GET',
    path: '/events',
    scope: 'config',
    summary: 'What happened that somebody should hear of, newest first, and who has',
    query: z.strictObject(pageQuery),
    answer: pageOf(eventAnswer),
    async handle({ desk }, { query: { limit, cursor } }) {
      const events = await desk.store.events.list({ limit, before: readNumberCursor(cursor) })
      return page(events, { limit, show: showEvent, mark: ({ seq }) => String(seq) })
    },
  }),
]

type Listed = Awaited<ReturnType<EventStore['list']>>[number]

function showEvent({ id, type, subject, at, data, deliveries }: Listed): z.input<typeof eventAnswer> {
  return {
    ...{ id, type, subject, at, data: { ...data } },
    deliveries: deliveries.map(({ url, attempts, deliveredAt, nextAt, error }) => ({
      ...{ host: URL.parse(url)?.host ?? '', attempts, delivered_at: deliveredAt ?? null, next_at: nextAt ?? null, error: error ?? null },
    })),
  }
}
