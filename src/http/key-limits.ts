import { z } from 'zod'
import { PERIODS } from '../contract/meter.ts'
import { parseDecimal } from '../contract/money.ts'

const USD = 'Give US dollars such as 5 or "0.25", with at most nine decimals.'

/** A budget of one key's own, kept as it is written. */
export const keyBudget = z.strictObject({
  usd: z.union([z.number(), z.string()]).refine((usd) => parseDecimal(String(usd), 9) !== undefined, USD),
  per: z.enum(PERIODS),
})

/** What may be asked and spent with one key. */
export const limitsAnswer = z
  .strictObject({
    rpm: z.number().optional(),
    tpm: z.number().optional(),
    concurrency: z.number().optional(),
    budget: keyBudget.optional(),
  })
  .nullable()
