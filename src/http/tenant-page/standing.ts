import { z } from 'zod'
import type { MeterStanding, Standing } from '../../contract/gateway.ts'
import { dollarsOf } from '../../contract/money.ts'
import { attemptsOf, decisionOn } from '../../desk/requests.ts'
import { ownUsage } from '../../desk/usage.ts'
import { decisionAnswer, showRemembered } from '../decisions.ts'
import { requestAnswer, showAttempt } from '../requests.ts'
import { showUsage, usageAnswer, usageQuery, usageSheet } from '../usage.ts'
import { type TenantContext, tenantRoute } from './context.ts'

const rate = z.strictObject({ limit: z.number(), remaining: z.number(), reset_ms: z.number() }).nullable()

const meter = z.strictObject({
  name: z.string(),
  count: z.string(),
  of: z.string(),
  per: z.string(),
  allow: z.string().nullable().meta({ description: 'A decimal, of US dollars where usd is counted; null is unlimited.' }),
  spent: z.string(),
  held: z.string().meta({ description: 'The most that running requests may still take.' }),
  left: z.string().nullable(),
  resets_at: z.string().nullable(),
})

const keyAnswer = z.strictObject({
  id: z.string(),
  kind: z.string(),
  name: z.string().nullable(),
  tenant: z.string(),
  plan: z.string(),
  plan_known: z.boolean().meta({ description: 'False: no file defines the plan, and every request is refused.' }),
  byok: z.boolean().nullable().meta({ description: 'Whether the plan uses own keys.' }),
  limits: z.strictObject({
    requests: rate.meta({ description: 'A minute; null is unlimited.' }),
    tokens: rate,
    concurrency: z.number().nullable(),
    budget: z
      .strictObject({
        limit_usd: z.string(),
        used_usd: z.string(),
        remaining_usd: z.string(),
        per: z.string(),
        resets_at: z.string().nullable(),
      })
      .nullable(),
  }),
  meters: z.array(meter).meta({ description: 'All that counts this key, where users and tags are counted apart for whoever names none.' }),
  models: z.array(z.string()).nullable().meta({ description: 'What the key is narrowed to.' }),
  endpoints: z.array(z.string()).nullable(),
  expires_at: z.string().nullable(),
})

export const standingRoutes = [
  tenantRoute({
    method: 'GET',
    path: '/key',
    summary: 'This key, its plan, and what is left of the limits',
    answer: keyAnswer,
    handle: showKey,
  }),
  tenantRoute({
    method: 'GET',
    path: '/usage',
    summary: 'Sums by any of day (UTC), key, provider, model, key source and tag',
    query: z.strictObject(usageQuery),
    answer: usageAnswer,
    sheet: usageSheet,
    handle: async ({ desk, tenant, audience }, { query }) => showUsage(await ownUsage(desk, { tenant: tenant.id, ...query }), audience),
  }),
  tenantRoute({
    method: 'GET',
    path: '/requests/{id}',
    summary: 'All attempts of a request',
    answer: requestAnswer,
    async handle({ desk, tenant, audience }, { params }) {
      const attempts = await attemptsOf(desk, params.id, tenant.id)
      return { request_id: params.id, attempts: attempts.map((row) => showAttempt(row, audience)) }
    },
  }),
  tenantRoute({
    method: 'GET',
    path: '/requests/{id}/explain',
    summary: 'The decision on a request: with every candidate looked at while this process remembers it, then as it was booked',
    answer: decisionAnswer,
    async handle({ desk, tenant, audience }, { params }) {
      return showRemembered(await decisionOn(desk, params.id, tenant.id), { id: params.id, slug: tenant.slug, audience })
    },
  }),
]

async function showKey({ desk, key, tenant, plan }: TenantContext): Promise<z.input<typeof keyAnswer>> {
  const { requests, tokens } = plan ? desk.gateway.limits.standing({ key, tenant }, plan) : {}
  const meters = plan ? await desk.gateway.limits.recall({ key, tenant }, plan) : []
  return {
    id: key.id,
    kind: key.kind,
    name: key.name ?? null,
    tenant: tenant.slug,
    plan: plan?.id ?? tenant.plan,
    plan_known: plan !== undefined,
    byok: plan?.byok.allowed ?? null,
    limits: {
      requests: showStanding(requests),
      tokens: showStanding(tokens),
      concurrency: plan?.limits.concurrency ?? null,
      budget: showBudget(meters.find(({ rule }) => rule.name === 'budget' && rule.of.kind === 'tenant')),
    },
    meters: meters.map(showMeter),
    models: key.models ? [...key.models] : null,
    endpoints: key.endpoints ? [...key.endpoints] : null,
    expires_at: key.expiresAt ?? null,
  }
}

function showStanding(standing: Standing | undefined): z.input<typeof rate> {
  return standing ? { limit: standing.limit, remaining: standing.remaining, reset_ms: standing.resetMs } : null
}

function showBudget(standing: MeterStanding | undefined): z.input<typeof keyAnswer>['limits']['budget'] {
  if (!standing) return null
  const { rule, source, balance } = standing
  const limit = source.allow ?? 0
  return {
    limit_usd: dollarsOf(limit),
    used_usd: dollarsOf(balance.spent),
    remaining_usd: dollarsOf(Math.max(0, limit - balance.spent)),
    per: rule.per,
    resets_at: resetOf(standing),
  }
}

function showMeter(standing: MeterStanding): z.input<typeof meter> {
  const { rule, source, balance } = standing
  const { name, count, per, of } = rule
  const allow = source.allow ?? rule.allowFor(source.subject)
  const told = (amount: number): string => (count === 'usd' ? dollarsOf(amount) : String(amount / 1_000))
  return {
    ...{ name, count, per, of: of.kind === 'tag' ? `tag:${of.tag}` : of.kind },
    ...{ allow: allow === null ? null : told(allow), spent: told(balance.spent), held: told(balance.held) },
    left: allow === null ? null : told(Math.max(0, allow - balance.spent - balance.held)),
    resets_at: resetOf(standing),
  }
}

/** A window that has not begun has no end. */
function resetOf({ rule, source, balance }: MeterStanding): string | null {
  if (source.until === null) return null
  if (rule.span.kind !== 'rolling') return new Date(source.until).toISOString()
  return balance.spent + balance.held === 0 ? null : new Date(balance.since + rule.span.ms).toISOString()
}
