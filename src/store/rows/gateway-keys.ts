import type { GatewayKey, KeyKind } from '../../contract/caller.ts'
import { type KeyId, keyId, tenantId } from '../../contract/ids.ts'
import { GatewayError } from '../../errors.ts'

export type WrittenKey = [
  id: string,
  kind: KeyKind,
  name: string | null,
  digest: Buffer,
  tenant: string | null,
  rules: string | null,
  expiresAt: string | null,
  revokedAt: string | null,
  createdAt: string,
]

/** What most keys have none of, in one column of JSON. */
type Rules = Pick<GatewayKey, 'tenants' | 'scopes' | 'models' | 'endpoints' | 'allowIps' | 'limits' | 'defaults'>

const NO_RULES: Rules = {
  tenants: undefined,
  scopes: [],
  models: undefined,
  endpoints: undefined,
  allowIps: undefined,
  limits: undefined,
  defaults: undefined,
}

export const keyTaken = (id: KeyId): GatewayError =>
  new GatewayError('already_exists', `There is a gateway key with the id ${id} already. Mint another.`)

export const noSuchKey = (id: KeyId): GatewayError =>
  new GatewayError('not_found', `There is no gateway key with the id ${id}. List keys to see those there are.`)

export function encodeKey(key: GatewayKey): WrittenKey {
  const { tenants, scopes, models, endpoints, allowIps, limits, defaults } = key
  const rules = JSON.stringify({ tenants, scopes: scopes.length > 0 ? scopes : undefined, models, endpoints, allowIps, limits, defaults })
  return [
    key.id,
    key.kind,
    key.name ?? null,
    key.digest,
    key.tenant ?? null,
    rules === '{}' ? null : rules,
    key.expiresAt ?? null,
    key.revokedAt ?? null,
    key.createdAt,
  ]
}

export function decodeKey([id, kind, name, digest, tenant, rules, expiresAt, revokedAt, createdAt]: WrittenKey): GatewayKey {
  const { tenants, scopes, models, endpoints, allowIps, limits, defaults }: Rules = rules ? { ...NO_RULES, ...JSON.parse(rules) } : NO_RULES
  return {
    id: keyId(id),
    kind,
    name: name ?? undefined,
    digest,
    tenant: tenant === null ? undefined : tenantId(tenant),
    tenants,
    scopes,
    models,
    endpoints,
    allowIps,
    limits,
    defaults,
    expiresAt: expiresAt ?? undefined,
    revokedAt: revokedAt ?? undefined,
    createdAt,
  }
}
