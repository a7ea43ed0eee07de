import type { Database } from 'better-sqlite3'
import type { GatewayKey, KeyKind } from '../../contract/caller.ts'
import { type KeyId, keyId, tenantId } from '../../contract/ids.ts'
import type { KeyStore } from '../../contract/store.ts'
import { GatewayError } from '../../errors.ts'
import type { Desk } from './mutation.ts'

type Row = [
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

const COLUMNS = 'id, kind, name, digest, tenant_id, rules, expires_at, revoked_at, created_at'
const PLACES = '(?, ?, ?, ?, ?, ?, ?, ?, ?)'

export function keyReader(db: Database): { all(): GatewayKey[]; get(id: KeyId): GatewayKey | undefined } {
  const all = db.prepare<[], Row>(`SELECT ${COLUMNS} FROM gateway_keys`).raw()
  const one = db.prepare<[string], Row>(`SELECT ${COLUMNS} FROM gateway_keys WHERE id = ?`).raw()
  return {
    all: () => all.all().map(decodeKey),
    get(id) {
      const row = one.get(id)
      return row && decodeKey(row)
    },
  }
}

export function keyStore({ db, mutate }: Desk): KeyStore {
  const insert = db.prepare<Row>(`INSERT INTO gateway_keys (${COLUMNS}) VALUES ${PLACES} ON CONFLICT DO NOTHING`)
  const update = db.prepare<[...Row, string]>(`UPDATE gateway_keys SET (${COLUMNS}) = ${PLACES} WHERE id = ?`)

  return {
    create: (key, entry) =>
      mutate(entry, () => {
        if (insert.run(...encodeKey(key)).changes === 1) return
        throw new GatewayError('already_exists', `There is a gateway key with the id ${key.id} already. Mint another.`)
      }),
    update: (key, entry) =>
      mutate(entry, () => {
        if (update.run(...encodeKey(key), key.id).changes === 1) return
        throw new GatewayError('not_found', `There is no gateway key with the id ${key.id}. List keys to see those there are.`)
      }),
  }
}

function encodeKey(key: GatewayKey): Row {
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

function decodeKey([id, kind, name, digest, tenant, rules, expiresAt, revokedAt, createdAt]: Row): GatewayKey {
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
