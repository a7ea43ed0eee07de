import { z } from 'zod'
import type { Tenant } from '../../contract/caller.ts'
import { listAudit, note } from '../../desk/audit.ts'
import { bookedAttempts } from '../../desk/booked.ts'
import { BY_SUMS, breakDown } from '../../desk/breakdown.ts'
import type { Desk } from '../../desk/desk.ts'
import { type Operator, requireScope } from '../../desk/operator.ts'
import { tenantNamed } from '../../desk/tenants.ts'
import { showProviderKeyStatus } from '../provider-keys.ts'
import { showAttempt } from '../requests.ts'
import { Lines } from '../route.ts'
import { showGroup } from '../usage.ts'
import { showAudit } from './books.ts'
import { adminRoute } from './context.ts'
import { showKey } from './gateway-keys.ts'
import { showTenant } from './tenants.ts'

const RECORDS = ['tenant', 'gateway_key', 'provider_key', 'setting', 'usage', 'attempt', 'audit', 'end'] as const

type Line = { readonly record: (typeof RECORDS)[number] } & Readonly<Record<string, unknown>>

export const exportRoutes = [
  adminRoute({
    method: 'GET',
    path: '/tenants/{tenant}/export',
    scope: 'tenants',
    summary: 'Everything about a tenant, a line each, with no key among them; needs keys, provider_keys, usage:read and audit:read, too',
    answer: z.looseObject({ record: z.enum(RECORDS).meta({ description: 'The last line is `end`, with the number of the others.' }) }),
    lines: true,
    async handle({ desk, by }, { params }) {
      const tenant = tenantNamed(desk, params.tenant)
      requireAll(by)
      await note(desk, by, { action: 'tenant.export', tenant: tenant.id, object: tenant.slug })
      return new Lines(counted(linesOf(desk, tenant)))
    },
  }),
]

/** It shows what each of these guards. */
function requireAll(by: Operator): void {
  for (const scope of ['keys', 'provider_keys', 'usage:read', 'audit:read'] as const) requireScope(by, scope)
}

async function* counted(lines: AsyncIterable<Line>): AsyncGenerator<Line> {
  const counts = new Map<string, number>()
  for await (const line of lines) {
    counts.set(line.record, (counts.get(line.record) ?? 0) + 1)
    yield line
  }
  yield { record: 'end', counts: Object.fromEntries(counts) }
}

async function* linesOf(desk: Desk, tenant: Tenant): AsyncGenerator<Line> {
  const always = { tenant: tenant.id, from: 0, to: Number.MAX_SAFE_INTEGER }
  yield { record: 'tenant', ...showTenant(desk, tenant) }
  for (const key of desk.directory.keysOf(tenant.id)) yield { record: 'gateway_key', ...showKey(desk, key) }
  for (const key of desk.providerKeys().list(tenant.id)) yield { record: 'provider_key', ...showProviderKeyStatus(key, true) }
  for (const { setting_key, updated_at } of desk.providerKeys().unclaimed(tenant.id)) yield { record: 'setting', setting_key, updated_at }
  for (const group of (await breakDown(desk, BY_SUMS, always)).groups) yield { record: 'usage', ...showGroup(group, 'full') }
  for await (const row of bookedAttempts(desk.store.ledger, always)) yield { record: 'attempt', ...showAttempt(row, 'full') }
  for await (const row of auditOf(desk, tenant)) yield { record: 'audit', ...showAudit(row) }
}

const PAGE = 500

async function* auditOf(desk: Desk, { id }: Tenant) {
  let before: number | undefined
  do {
    const rows = await listAudit(desk, { tenant: id, before, limit: PAGE })
    yield* rows
    before = rows.at(-1)?.seq
  } while (before !== undefined)
}
