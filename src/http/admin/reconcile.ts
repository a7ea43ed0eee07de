import { z } from 'zod'
import { picoDollarsOf } from '../../contract/money.ts'
import { CAUSES, type Reconciliation } from '../../contract/reconciliation.ts'
import { reconcileMonth } from '../../desk/reconcile.ts'
import { adminRoute } from './context.ts'

const EXPORT_BYTES = 32 * 1024 * 1024

const dollars = z.string().meta({ description: 'US dollars as an exact decimal; positive where more is billed than booked.' })
const model = z.string().nullable()

const reconcileAnswer = z.strictObject({
  provider: z.string(),
  month: z.string(),
  billed_usd: dollars,
  booked_usd: dollars,
  difference_usd: dollars.meta({ description: 'Exactly what all that is explained and unexplained adds up to.' }),
  attempts: z.int().meta({ description: "Attempts that the platform's keys paid for." }),
  explained: z.array(z.strictObject({ cause: z.enum(CAUSES), model, amount_usd: dollars, days: z.int(), accounts: z.array(z.string()) })),
  unexplained: z.array(z.strictObject({ day: z.string(), model, billed_usd: dollars, booked_usd: dollars, amount_usd: dollars })),
  unvalued: z
    .array(z.strictObject({ day: z.string(), model, what: z.string(), quantity: z.number().nullable() }))
    .meta({ description: 'Counted by the export without an amount, at a price that the books do not tell either: in no sum.' }),
})

export const reconcileRoutes = [
  adminRoute({
    method: 'POST',
    path: '/reconcile',
    scope: 'usage:read',
    summary: "Set the books of a month against a provider's own export of cost or usage, and say why they differ",
    mostBytes: EXPORT_BYTES,
    body: z.strictObject({
      provider: z.string(),
      month: z.string().regex(/^\d{4}-(?:0[1-9]|1[0-2])$/, 'write it as 2026-10'),
      file: z.strictObject({ text: z.string() }).meta({ description: 'The export as it came, CSV or JSON.' }),
      own: z
        .array(z.string().min(1))
        .max(1_000)
        .default([])
        .meta({ description: 'Keys and projects, by id or name, that the gateway uses: all else is traffic of others.' }),
    }),
    answer: reconcileAnswer,
    async handle({ desk, by }, { body: { provider, month, file, own } }) {
      const found = await reconcileMonth(desk, by, { provider, month, text: file.text, own })
      return { provider, month, ...showReconciliation(found) }
    },
  }),
]

function showReconciliation({ billed, booked, attempts, explained, unexplained, unvalued }: Reconciliation) {
  return {
    ...{ billed_usd: picoDollarsOf(billed), booked_usd: picoDollarsOf(booked), difference_usd: picoDollarsOf(billed - booked), attempts },
    explained: explained.map(({ cause, model: of, amount, days, accounts }) => ({
      ...{ cause, model: of ?? null, amount_usd: picoDollarsOf(amount), days, accounts: [...accounts] },
    })),
    unexplained: unexplained.map(({ day, model: of, billed: claimed, booked: ours, amount }) => ({
      ...{ day, model: of ?? null, billed_usd: picoDollarsOf(claimed), booked_usd: picoDollarsOf(ours), amount_usd: picoDollarsOf(amount) },
    })),
    unvalued: unvalued.map(({ day, model: of, what, quantity }) => ({ day, model: of ?? null, what, quantity: quantity ?? null })),
  }
}
