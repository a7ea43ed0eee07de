import { z } from 'zod'
import type { ExportedRow } from '../contract/export.ts'
import type { AttemptRow } from '../contract/ledger.ts'
import { dollarsOf } from '../contract/money.ts'
import type { Audience } from '../explain/explain.ts'

const dollars = z.string().nullable().meta({ description: 'US dollars as an exact decimal; null where the price is unknown.' })
/** One booked attempt. What the reader may not see is absent; what nobody knows is null. */
export const attemptAnswer = z.strictObject({
  request_id: z.string(),
  attempt: z.int(),
  tenant: z.string().meta({ description: 'Its id.' }),
  at: z.string(),
  key_id: z.string(),
  tags: z.array(z.string()),
  user: z.string().nullable(),
  endpoint: z.string(),
  stream: z.boolean(),
  plan: z.string(),
  provider: z.string(),
  model: z.string().nullable(),
  wire_model: z.string(),
  key_source: z.enum(['tenant', 'platform', 'none']),
  via: z.string().nullable(),
  fingerprint: z.string().nullable().optional(),
  state: z.enum(['reserved', 'settled', 'estimated', 'released']),
  status: z.int().nullable(),
  code: z.string().nullable(),
  finish: z.string().nullable(),
  usage: z.record(z.string(), z.number()).nullable(),
  charge_usd: dollars.optional(),
  cost_usd: dollars.optional(),
  lines: z
    .array(z.strictObject({ what: z.string(), quantity: z.number(), rate: z.number() }))
    .optional()
    .meta({ description: 'Quantity times rate, in pico-dollars.' }),
  price_snapshot: z.string().nullable().optional(),
  timings: z.strictObject({ headers_ms: z.number().nullable(), first_byte_ms: z.number().nullable(), total_ms: z.number() }).nullable(),
  upstream_request_id: z.string().nullable(),
  response_id: z.string().nullable(),
  fallback: z
    .enum(['outage', 'context', 'refusal', 'budget'])
    .nullable()
    .meta({ description: 'Why it is not the model that was asked for.' }),
  cached: z.boolean().meta({ description: 'The answer was there already, and cost nothing.' }),
  saved_usd: dollars.optional().meta({ description: 'What making it cost the first time.' }),
  config: z.string(),
})

export const requestAnswer = z.strictObject({ request_id: z.string(), attempts: z.array(attemptAnswer) })

export function showAttempt(row: AttemptRow, audience: Audience): z.input<typeof attemptAnswer> {
  const { start, state, outcome } = row
  return {
    ...startOf(row),
    key_source: start.source,
    via: start.via ?? null,
    ...(seesDigits(start, audience) && { fingerprint: start.fingerprint ?? null }),
    state,
    status: outcome?.status ?? null,
    code: outcome?.code ?? null,
    finish: outcome?.finish ?? null,
    usage: usageOf(row),
    ...moneyOf(row, audience),
    timings: timingsOf(row),
    upstream_request_id: outcome?.providerRequestId ?? null,
    response_id: outcome?.responseId ?? null,
    fallback: start.fallback ?? null,
    cached: start.cached !== undefined,
    ...(start.cached && seesCost(row, audience) && { saved_usd: usd(start.cached.saved) }),
    config: start.config,
  }
}

/** As an export has it, with what tells it apart from all others: the id for good, the number for order. */
export function showExported({ seq, row }: ExportedRow) {
  const { requestId, attempt } = row.start
  return { record: 'attempt', seq, id: `${requestId}.${attempt}`, ...showAttempt(row, 'full') }
}

function startOf({ start }: AttemptRow) {
  return {
    request_id: start.requestId,
    attempt: start.attempt,
    tenant: start.tenant,
    at: new Date(start.at).toISOString(),
    key_id: start.key,
    tags: [...start.tags],
    user: start.user ?? null,
    endpoint: start.endpoint,
    stream: start.stream,
    plan: start.plan,
    provider: start.provider,
    model: start.model ?? null,
    wire_model: start.wireModel,
  }
}

export const seesDigits = ({ source }: { source: string }, audience: Audience): boolean =>
  audience === 'full' || (audience === 'basic' && source === 'tenant')

const seesCost = ({ start }: AttemptRow, audience: Audience): boolean =>
  audience === 'full' || (audience === 'basic' && start.source === 'tenant')

/** The charge is the tenant's business; what the provider takes is too where the tenant pays it. */
function moneyOf(row: AttemptRow, audience: Audience) {
  if (audience === 'none') return {}
  const { cost, charge, lines, start } = row
  return {
    charge_usd: usd(charge),
    ...(seesCost(row, audience) && { cost_usd: usd(cost), lines: [...lines], price_snapshot: start.price?.snapshot ?? null }),
  }
}

const usd = (nano: number | null): string | null => (nano === null ? null : dollarsOf(nano))

/** Counts by their usual names; what the provider did not tell is absent. */
function usageOf({ outcome }: AttemptRow): Record<string, number> | null {
  const told = outcome?.usage
  if (!told) return null
  return Object.fromEntries(COUNTS.flatMap((name) => (told[name] === undefined ? [] : [[snake(name), told[name]]])))
}

const COUNTS = [
  'input',
  'output',
  'cacheRead',
  'cacheWrite',
  'cacheWrite1h',
  'reasoning',
  'audioInput',
  'audioOutput',
  'images',
  'seconds',
  'characters',
  'searches',
] as const

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

function timingsOf({ outcome }: AttemptRow) {
  if (!outcome) return null
  const { headers, firstByte, total } = outcome.timings
  return { headers_ms: headers ?? null, first_byte_ms: firstByte ?? null, total_ms: total }
}
