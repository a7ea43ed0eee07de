import type { GatewayKey, Tenant } from '../contract/caller.ts'
import type { Ask } from '../contract/decision.ts'
import { keyId } from '../contract/ids.ts'
import { survey } from '../decide.ts'
import { type Explanation, explain } from '../explain/explain.ts'
import { recalled } from '../explain/question.ts'
import { note } from './audit.ts'
import type { Desk } from './desk.ts'
import type { Operator } from './operator.ts'

/** What a tenant would get for this ask, with all there is to see; calls no provider. `key` narrows as that gateway key does. */
export async function explainFor(
  desk: Desk,
  by: Operator,
  { tenant, ask, key = UNNARROWED }: { tenant: Tenant; ask: Ask; key?: GatewayKey | undefined },
): Promise<Explanation> {
  await note(desk, by, { action: 'decision.explain', tenant: tenant.id, object: tenant.slug, detail: { model: ask.model } })
  const snapshot = desk.gateway.snapshot()
  const caller = { key, tenant }
  await recalled(desk.gateway, { caller, ask, snapshot })
  const decision = survey(caller, ask, snapshot)
  const limits = decision.plan ? desk.gateway.limits.standing(caller, decision.plan) : {}
  return explain(decision, { caller, ask, config: snapshot.config, audience: 'full', limits, snapshot })
}

/** A tenant's key that narrows nothing: what the tenant itself may do. */
export const UNNARROWED: GatewayKey = {
  id: keyId('any'),
  kind: 'tenant',
  name: undefined,
  digest: Buffer.alloc(0),
  tenant: undefined,
  tenants: undefined,
  scopes: [],
  models: undefined,
  endpoints: undefined,
  allowIps: undefined,
  limits: undefined,
  defaults: undefined,
  expiresAt: undefined,
  revokedAt: undefined,
  createdAt: '1970-01-01T00:00:00Z',
}
