import { z } from 'zod'
import type { RefreshReport } from '../../contract/refresh.ts'
import { catalogInForce, type InForce, refreshCatalog, revertCatalog } from '../../desk/refresh.ts'
import { adminRoute } from './context.ts'

const LIST_BYTES = 20 * 1024 * 1024
/** Names told of each kind; the counts are whole. */
const TOLD = 50

const names = z.array(z.string())
const told = z.strictObject({ count: z.int(), names: names.meta({ description: `The first ${TOLD}.` }) })

const reportAnswer = z.strictObject({
  source: z.string(),
  verdict: z.enum(['taken', 'unchanged', 'refused']),
  snapshot: z.string().nullable().meta({ description: 'Of the list that was offered; null where it could not be read.' }),
  models: z.int(),
  offers: z.int(),
  added: told,
  silent: told.meta({ description: 'Models that the list does not name; they stay as they were.' }),
  repriced: told,
  because: names.meta({ description: 'Why it was refused; what is in force stays.' }),
  dry_run: z.boolean(),
})

const statusAnswer = z.strictObject({
  snapshot: z.string().meta({ description: 'The id that new prices carry, where models.yaml gives none.' }),
  shipped: z.string(),
  refreshed: z.strictObject({ snapshot: z.string(), source: z.string(), taken_at: z.string() }).nullable(),
  models: z.int(),
  offers: z.int(),
  unpriced: z.int(),
})

const offer = z.string().regex(/^[^/]+\/.+$/, 'an offer is provider/wire-model')

export const refreshRoutes = [
  adminRoute({
    method: 'GET',
    path: '/catalog',
    scope: 'config',
    summary: 'Which price lists are in force',
    answer: statusAnswer,
    handle: async ({ desk }) => showStatus(await catalogInForce(desk)),
  }),
  adminRoute({
    method: 'POST',
    path: '/catalog/revert',
    scope: 'config',
    summary: 'Take the last refresh back: what was in force before it is again',
    answer: statusAnswer,
    handle: async ({ desk, by }) => showStatus(await revertCatalog(desk, by)),
  }),
  adminRoute({
    method: 'POST',
    path: '/catalog/refresh',
    scope: 'config',
    summary: 'Bring newer models and prices into force, or say why they cannot be true; what is in force stays then',
    mostBytes: LIST_BYTES,
    body: z.strictObject({
      url: z
        .url()
        .optional()
        .meta({ description: 'Where the list is; the address of gateway.yaml where neither this nor a file is given.' }),
      file: z.strictObject({ name: z.string().min(1).max(256), text: z.string() }).optional(),
      accept: z.array(offer).optional().meta({ description: 'Offers whose price may change by more than ten times.' }),
      dry_run: z.boolean().default(false),
    }),
    answer: reportAnswer,
    async handle({ desk, by }, { body: { dry_run: dryRun, ...wish } }) {
      return show(await refreshCatalog(desk, by, { ...wish, dryRun }), dryRun)
    },
  }),
]

function showStatus({ shipped, kept, catalog }: InForce): z.input<typeof statusAnswer> {
  const offers = catalog.candidates()
  return {
    ...{ snapshot: catalog.snapshot, shipped },
    refreshed: kept ? { snapshot: kept.snapshot, source: kept.source, taken_at: kept.takenAt } : null,
    models: new Set(offers.map(({ names: { id, qualified } }) => id ?? qualified)).size,
    offers: offers.length,
    unpriced: offers.filter(({ price }) => !price).length,
  }
}

function show(report: RefreshReport, dryRun: boolean): z.input<typeof reportAnswer> {
  const { source, verdict, snapshot, models, offers, added, silent, repriced, because } = report
  const first = (all: readonly string[]) => ({ count: all.length, names: all.slice(0, TOLD) })
  return {
    ...{ source, verdict, snapshot: snapshot ?? null, models, offers, because: [...because], dry_run: dryRun },
    ...{ added: first(added), silent: first(silent), repriced: first(repriced) },
  }
}
