import { z } from 'zod'
import { asking, to } from './api.ts'
import { table } from './table.ts'
import { ask, type Noun, told } from './verb.ts'

export const events: Noun = {
  name: 'events',
  does: 'what somebody should hear of',
  verbs: [
    {
      use: 'list',
      does: 'list what happened, newest first, and which of the addresses in gateway.yaml have heard of it',
      options: [
        { flags: '--limit <n>', means: 'at most so many; 100 where not given' },
        { flags: '--cursor <cursor>', means: 'go on where the page before ended' },
      ],
      examples: ['events list', 'events list --limit 10 --json'],
      run: async ({ api, text, paint }) => {
        const request = asking(to`GET /events`, { limit: text('limit'), cursor: text('cursor') })
        return told(await ask(api, request, eventPage), ({ data, next_cursor: next }) => {
          if (data.length === 0) return 'Nothing happened that anybody should hear of.'
          const rows = data.map(({ at, type, subject, deliveries }) => [at, type, subject, deliveries.map(deliveryText).join('; ')])
          return table(['at', 'type', 'about', 'told'], rows, paint) + (next ? `\n\nMore: add --cursor ${next}` : '')
        })
      },
    },
  ],
}

const delivery = z.object({
  host: z.string(),
  attempts: z.number(),
  delivered_at: z.string().nullable(),
  next_at: z.string().nullable(),
  error: z.string().nullable(),
})
const eventPage = z.object({
  data: z.array(z.object({ at: z.string(), type: z.string(), subject: z.string(), deliveries: z.array(delivery) })),
  next_cursor: z.string().nullish(),
})

function deliveryText({ host, attempts, delivered_at, next_at, error }: z.infer<typeof delivery>): string {
  if (delivered_at !== null) return `${host} at ${delivered_at}`
  if (attempts === 0) return `${host}: soon`
  return `${host}: ${error ?? 'not yet'}, ${attempts} tries, ${next_at === null ? 'given up' : `again at ${next_at}`}`
}
