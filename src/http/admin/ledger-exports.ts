import { z } from 'zod'
import { listExports, resumeExport } from '../../desk/exports.ts'
import { pageOf } from '../page.ts'
import { adminRoute } from './context.ts'

const exportAnswer = z.strictObject({
  destination: z.string(),
  state: z
    .enum(['current', 'behind', 'failing', 'parked'])
    .meta({ description: 'Parked: it failed for 24 hours, and nothing is sent until it is resumed.' }),
  seq: z.int().meta({ description: 'Of the last row that it took.' }),
  waiting: z.int().meta({ description: 'Rows that it has yet to take, counted up to 100,000.' }),
  failures: z.int(),
  failing_since: z.string().nullable(),
  next_at: z.string().nullable(),
  error: z.string().nullable(),
})

export const ledgerExportRoutes = [
  adminRoute({
    method: 'GET',
    path: '/ledger-exports',
    scope: 'config',
    summary: 'Who hears of ended attempts, and how far each has come',
    answer: pageOf(exportAnswer),
    handle: async ({ desk }) => ({ data: [...(await listExports(desk))], next_cursor: null }),
  }),
  adminRoute({
    method: 'POST',
    path: '/ledger-exports/{destination}/resume',
    scope: 'config',
    summary: 'Send to a destination again, at once and from where it stopped',
    answer: exportAnswer,
    handle: ({ desk, by }, { params }) => resumeExport(desk, by, params.destination),
  }),
]
