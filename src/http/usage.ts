import { z } from 'zod'
import { dollarsOf } from '../contract/money.ts'
import type { KeySum } from '../contract/store.ts'
import { DIMENSIONS, type Figures, type UsageGroup } from '../desk/breakdown.ts'
import type { UsageReport } from '../desk/usage.ts'
import { type SpreadRow, spreadUsage } from '../desk/usage-sheet.ts'
import type { Audience } from '../explain/explain.ts'

const dimensions = z
  .array(z.enum(DIMENSIONS))
  .min(1)
  .refine((given) => new Set(given).size === given.length, 'each dimension once')

/** Hours count whole, from that of `from` up to that of `to`. */
export const usageQuery = {
  by: z
    .string()
    .transform((text) => text.split(',').map((word) => word.trim()))
    .pipe(dimensions)
    .optional()
    .meta({ description: `Some of ${DIMENSIONS.join(',')}; day,tenant,provider,model,source where not given.` }),
  from: z.iso.datetime({ offset: true }).optional().meta({ description: 'The start of this month (UTC), where not given.' }),
  to: z.iso.datetime({ offset: true }).optional().meta({ description: 'Now, where not given.' }),
}

const sum = {
  requests: z.int().meta({ description: 'Attempts that a provider processed, and answers that were there already.' }),
  input_tokens: z.int(),
  output_tokens: z.int(),
  charge_usd: z.string().optional(),
  cost_usd: z.string().optional(),
  unpriced: z.int().meta({ description: 'Attempts whose price is unknown: no amount holds them.' }),
  cached: z.int().meta({ description: 'Of the requests, those that an answer was there for already.' }),
  saved_usd: z.string().optional().meta({ description: 'What making these answers cost the first time.' }),
}

export const usageAnswer = z.strictObject({
  from: z.string(),
  to: z.string(),
  data: z.array(
    z.strictObject({
      tenant: z.string().optional(),
      tenant_id: z.string().optional(),
      day: z.string().optional(),
      key_id: z.string().optional(),
      provider: z.string().optional(),
      wire_model: z.string().optional(),
      key_source: z.string().optional(),
      tag: z.string().nullable().optional().meta({ description: 'Null: without any tag. What has several counts under each.' }),
      ...sum,
    }),
  ),
  next_cursor: z.null(),
  rows_from: z
    .string()
    .optional()
    .meta({ description: 'Only what began from here on is told apart by key and tag: older rows are deleted.' }),
  total: z.strictObject(sum),
  keys: z
    .array(
      z.strictObject({
        tenant_id: z.string(),
        provider: z.string(),
        key_source: z.string(),
        fingerprint: z.string(),
        requests: z.int(),
        charge_usd: z.string().optional(),
        cost_usd: z.string().optional(),
        unpriced: z.int(),
      }),
    )
    .meta({ description: 'What each key was used for, where several lie in one place.' }),
})

export const usageSheet = ({ data }: { readonly data: readonly SpreadRow[] }): string => spreadUsage(data)

/** Amounts are left out for a reader who may not see them. */
export function showUsage({ from, to, groups, total, keys, rowsFrom }: UsageReport, audience: Audience): z.input<typeof usageAnswer> {
  return {
    from,
    to,
    data: groups.map((group) => showGroup(group, audience)),
    next_cursor: null,
    ...(rowsFrom !== undefined && { rows_from: rowsFrom }),
    total: showSum(total, audience),
    keys: keys.filter(({ source }) => source === 'tenant' || audience === 'full').map((key) => showKey(key, audience)),
  }
}

/** What a provider takes is a tenant's to see where all of it was paid with its own key. */
export function showGroup({ place, slug, figures }: UsageGroup, audience: Audience) {
  const { day, tenant, key, provider, model, source, tag } = place
  return {
    ...(day && { day }),
    ...(tenant && { tenant: slug ?? tenant, tenant_id: tenant }),
    ...(key && { key_id: key }),
    ...(provider && { provider }),
    ...(model && { wire_model: model }),
    ...(source && { key_source: source }),
    ...(tag !== undefined && { tag }),
    ...showSum(figures, audience === 'basic' && source === 'tenant' ? 'full' : audience),
  }
}

/** The platform's keys are not a tenant's to see. */
function showKey({ tenant, provider, source, fingerprint, requests, cost, charge, unpriced }: KeySum, audience: Audience) {
  const amounts = { charge_usd: dollarsOf(charge), cost_usd: dollarsOf(cost) }
  return { tenant_id: tenant, provider, key_source: source, fingerprint, requests, ...(audience !== 'none' && amounts), unpriced }
}

function showSum({ requests, input, output, cost, charge, unpriced, cached, saved }: Figures, audience: Audience) {
  return {
    requests,
    input_tokens: input,
    output_tokens: output,
    ...(audience !== 'none' && { charge_usd: dollarsOf(charge) }),
    ...(audience === 'full' && { cost_usd: dollarsOf(cost) }),
    unpriced,
    cached,
    ...(audience === 'full' && { saved_usd: dollarsOf(saved) }),
  }
}
