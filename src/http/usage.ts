import { z } from 'zod'
import { dollarsOf } from '../contract/money.ts'
import type { KeySum, UsageSum } from '../contract/store.ts'
import type { UsageReport } from '../desk/usage.ts'
import type { Audience } from '../explain/explain.ts'

/** Hours count whole, from that of `from` up to that of `to`. */
export const periodQuery = {
  from: z.iso.datetime({ offset: true }).optional().meta({ description: 'The start of this month (UTC), where not given.' }),
  to: z.iso.datetime({ offset: true }).optional().meta({ description: 'Now, where not given.' }),
}

const sum = {
  requests: z.int().meta({ description: 'Attempts that a provider processed.' }),
  input_tokens: z.int(),
  output_tokens: z.int(),
  charge_usd: z.string().optional(),
  cost_usd: z.string().optional(),
  unpriced: z.int().meta({ description: 'Attempts whose price is unknown: no amount holds them.' }),
}

export const usageAnswer = z.strictObject({
  from: z.string(),
  to: z.string(),
  data: z.array(
    z.strictObject({
      tenant: z.string(),
      tenant_id: z.string(),
      day: z.string(),
      provider: z.string(),
      wire_model: z.string(),
      key_source: z.string(),
      ...sum,
    }),
  ),
  next_cursor: z.null(),
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

/** Amounts are left out for a reader who may not see them. */
export function showUsage({ from, to, sums, keys }: UsageReport, audience: Audience): z.input<typeof usageAnswer> {
  return {
    from,
    to,
    data: sums.map((row) => ({
      tenant: row.slug ?? row.tenant,
      tenant_id: row.tenant,
      day: row.day,
      provider: row.provider,
      wire_model: row.wireModel,
      key_source: row.source,
      ...showSum(row, audience === 'full' || (audience === 'basic' && row.source === 'tenant') ? 'full' : audience),
    })),
    next_cursor: null,
    total: showSum(totalOf(sums), audience),
    keys: keys.filter(({ source }) => source === 'tenant' || audience === 'full').map((key) => showKey(key, audience)),
  }
}

/** The platform's keys are not a tenant's to see. */
function showKey({ tenant, provider, source, fingerprint, requests, cost, charge, unpriced }: KeySum, audience: Audience) {
  const amounts = { charge_usd: dollarsOf(charge), cost_usd: dollarsOf(cost) }
  return { tenant_id: tenant, provider, key_source: source, fingerprint, requests, ...(audience !== 'none' && amounts), unpriced }
}

type Sum = Pick<UsageSum, 'requests' | 'input' | 'output' | 'cost' | 'charge' | 'unpriced'>

function totalOf(sums: readonly Sum[]): Sum {
  return sums.reduce(
    (total, row) => ({
      requests: total.requests + row.requests,
      input: total.input + row.input,
      output: total.output + row.output,
      cost: total.cost + row.cost,
      charge: total.charge + row.charge,
      unpriced: total.unpriced + row.unpriced,
    }),
    { requests: 0, input: 0, output: 0, cost: 0n, charge: 0n, unpriced: 0 },
  )
}

function showSum({ requests, input, output, cost, charge, unpriced }: Sum, audience: Audience) {
  return {
    requests,
    input_tokens: input,
    output_tokens: output,
    ...(audience !== 'none' && { charge_usd: dollarsOf(charge) }),
    ...(audience === 'full' && { cost_usd: dollarsOf(cost) }),
    unpriced,
  }
}
