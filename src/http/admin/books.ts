import { z } from 'zod'
import type { TenantId } from '../../contract/ids.ts'
import type { AttemptId } from '../../contract/ledger.ts'
import { type AuditRow, listAudit } from '../../desk/audit.ts'
import type { Desk } from '../../desk/desk.ts'
import { explainFor } from '../../desk/explain.ts'
import { keyNamed } from '../../desk/gateway-keys.ts'
import { listRequests, showDecision, showRequest } from '../../desk/requests.ts'
import { tenantNamed } from '../../desk/tenants.ts'
import { reportUsage } from '../../desk/usage.ts'
import { decisionAnswer, showRemembered } from '../decisions.ts'
import { askOf } from '../explain.ts'
import { badCursor, page, pageOf, pageQuery, readCursor, readNumberCursor } from '../page.ts'
import { attemptAnswer, requestAnswer, showAttempt } from '../requests.ts'
import { showUsage, usageAnswer, usageQuery, usageSheet } from '../usage.ts'
import { adminRoute } from './context.ts'

const tenantFilter = z.string().optional().meta({ description: 'A slug or id.' })
const flag = z.enum(['1', 'true', '0', 'false', '']).optional()
const needs = { stream: flag, tools: flag, vision: flag, audio: flag, files: flag, json_schema: flag }

const count = z.string().regex(/^\d+$/).optional()
const pairs = z.string().optional().meta({ description: 'As a route reads them: `name:value,name:value`.' })
const SIZE_AND_TRAITS = { input_tokens: count, max_tokens: count, session: z.string().optional(), headers: pairs, metadata: pairs }

const explainAnswer = z.looseObject({
  verdict: z.enum(['allowed', 'refused']),
  status: z.int(),
  code: z.string().nullable(),
  because: z.string(),
  fix: z.string().nullable(),
  rule: z.string().nullable(),
  plan: z.string(),
  tenant: z.string(),
  model: z.string(),
})

const auditAnswer = z.strictObject({
  seq: z.int(),
  at: z.string(),
  actor: z.string(),
  action: z.string(),
  tenant: z.string().nullable().meta({ description: 'Its id.' }),
  object: z.string(),
  detail: z.record(z.string(), z.unknown()),
  request_id: z.string().nullable(),
})

const decisions = [
  adminRoute({
    method: 'GET',
    path: '/explain',
    scope: 'usage:read',
    summary: 'What a tenant would get for a model, and why; calls no provider',
    query: z.strictObject({
      tenant: z.string(),
      model: z.string(),
      ...needs,
      endpoint: z.string().optional(),
      ...SIZE_AND_TRAITS,
      pay: z.literal('tenant').optional(),
      key: z.string().optional().meta({ description: "The id of one of the tenant's keys, which may narrow." }),
    }),
    answer: explainAnswer,
    async handle({ desk, by }, { query: { tenant: named, key: keyId, ...asked } }) {
      const tenant = tenantNamed(desk, named)
      const key = keyId === undefined ? undefined : keyNamed(desk, keyId, { tenant: tenant.id })
      return { ...(await explainFor(desk, by, { tenant, ask: askOf(new URLSearchParams(asked)), key })) }
    },
  }),
  adminRoute({
    method: 'GET',
    path: '/requests/{id}/explain',
    scope: 'usage:read',
    summary: 'The decision on a request: with every candidate looked at while this process remembers it, then as it was booked',
    answer: decisionAnswer,
    async handle({ desk, by }, { params }) {
      const remembered = await showDecision(desk, by, params.id)
      return showRemembered(remembered, { id: params.id, slug: slugOf(desk, remembered.tenant), audience: 'full' })
    },
  }),
]

const books = [
  adminRoute({
    method: 'GET',
    path: '/requests',
    scope: 'usage:read',
    summary: 'List booked attempts, newest first',
    query: z.strictObject({ tenant: tenantFilter, ...pageQuery }),
    answer: pageOf(attemptAnswer),
    async handle({ desk, by }, { query: { tenant, limit, cursor } }) {
      const rows = await listRequests(desk, by, { tenant: idOf(desk, tenant), before: attemptAt(cursor), limit })
      const mark = (row: (typeof rows)[number]) => `${row.start.attempt} ${row.start.requestId}`
      return page(rows, { limit, show: (row) => showAttempt(row, 'full'), mark })
    },
  }),
  adminRoute({
    method: 'GET',
    path: '/requests/{id}',
    scope: 'usage:read',
    summary: 'Show all attempts of a request',
    answer: requestAnswer,
    async handle({ desk, by }, { params }) {
      const attempts = await showRequest(desk, by, params.id)
      return { request_id: params.id, attempts: attempts.map((row) => showAttempt(row, 'full')) }
    },
  }),
  adminRoute({
    method: 'GET',
    path: '/usage',
    scope: 'usage:read',
    summary: 'Sums by any of day (UTC), tenant, key, provider, model, key source and tag',
    query: z.strictObject({ tenant: tenantFilter, ...usageQuery }),
    answer: usageAnswer,
    sheet: usageSheet,
    async handle({ desk, by }, { query: { tenant, ...asked } }) {
      return showUsage(await reportUsage(desk, by, { tenant: idOf(desk, tenant), ...asked }), 'full')
    },
  }),
  adminRoute({
    method: 'GET',
    path: '/audit',
    scope: 'audit:read',
    summary: 'List audit rows, newest first',
    query: z.strictObject({ tenant: tenantFilter, ...pageQuery }),
    answer: pageOf(auditAnswer),
    async handle({ desk }, { query: { tenant, limit, cursor } }) {
      const rows = await listAudit(desk, { tenant: idOf(desk, tenant), before: readNumberCursor(cursor), limit })
      return page(rows, { limit, show: showAudit, mark: ({ seq }) => String(seq) })
    },
  }),
]

export const bookRoutes = [...decisions, ...books]

const slugOf = (desk: Desk, tenant: TenantId): string => desk.directory.tenantById(tenant)?.slug ?? tenant

const idOf = (desk: Desk, tenant: string | undefined): TenantId | undefined =>
  tenant === undefined ? undefined : tenantNamed(desk, tenant).id

function attemptAt(cursor: string | undefined): AttemptId | undefined {
  const mark = readCursor(cursor)
  if (mark === undefined) return undefined
  const [, attempt, requestId] = /^(\d{1,6}) (.+)$/.exec(mark) ?? []
  if (attempt === undefined || requestId === undefined) throw badCursor()
  return { requestId, attempt: Number(attempt) }
}

export function showAudit({ seq, at, actor, action, tenant, object, detail, requestId }: AuditRow): z.input<typeof auditAnswer> {
  return { seq, at, actor, action, tenant: tenant ?? null, object, detail: { ...detail }, request_id: requestId ?? null }
}
