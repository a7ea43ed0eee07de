import type { GatewayKey, Tenant } from '../contract/caller.ts'
import { type KeyId, keyId, type TenantId } from '../contract/ids.ts'
import type { Secret } from '../contract/secret.ts'
import { GatewayError } from '../errors.ts'
import { digestKey, type MintedKind, mintKey } from '../policy/gateway-keys.ts'
import { recogniser } from '../policy/identify.ts'
import { entry, note } from './audit.ts'
import type { Desk } from './desk.ts'
import { firstBy } from './first-by.ts'
import { type Operator, refuseEscalation } from './operator.ts'
import { tenantNamed } from './tenants.ts'

/** What a gateway key may be narrowed to; undefined narrows nothing. */
export type KeyWishes = Partial<Pick<GatewayKey, 'name' | 'expiresAt' | 'limits' | 'models' | 'endpoints' | 'allowIps' | 'defaults'>>

export interface MintedKey {
  readonly key: GatewayKey
  /** Shown this once. */
  readonly text: Secret
}

export function createTenantKey(desk: Desk, by: Operator, { tenant, wishes }: { tenant: Tenant; wishes: KeyWishes }): Promise<MintedKey> {
  return mint(desk, by, { ...wishes, kind: 'tenant', tenant: tenant.id, scopes: [] })
}

/** `tenants`: slugs or ids, or `*` alone for every tenant there is and will be. Grants hold ids. */
export async function createServiceKey(
  desk: Desk,
  by: Operator,
  wanted: KeyWishes & { tenants: readonly string[]; scopes: readonly string[] },
): Promise<MintedKey> {
  refuseEscalation(by, { scopes: wanted.scopes, expiresAt: by.expiresAt })
  return mint(desk, by, { ...wanted, kind: 'service', tenants: grantOf(desk, wanted.tenants) })
}

/** What it may do is at most what its creator may, and for no longer. */
export async function createAdminKey(desk: Desk, by: Operator, wanted: KeyWishes & { scopes: readonly string[] }): Promise<MintedKey> {
  refuseEscalation(by, { scopes: wanted.scopes, expiresAt: wanted.expiresAt })
  return mint(desk, by, { ...wanted, kind: 'admin' })
}

/** It is refused from now on; a key that was revoked before stays so, with its first date. */
export async function revokeKey(desk: Desk, by: Operator, key: GatewayKey): Promise<GatewayKey> {
  if (key.revokedAt !== undefined) return key
  const revoked = { ...key, revokedAt: new Date(desk.now()).toISOString() }
  await desk.store.keys.update(revoked, entry(desk, by, about('gateway_key.revoke', key)))
  return revoked
}

/** A new key with the same rights; the old one is taken for `overlap` milliseconds more. Should the second step fail, both are good. */
export async function rotateKey(desk: Desk, by: Operator, { key, overlap }: { key: GatewayKey; overlap: number }): Promise<MintedKey> {
  if (key.kind === 'imported' || keyStatus(key, desk.now()) !== 'active') {
    const why = key.kind === 'imported' ? 'was minted elsewhere' : `is ${keyStatus(key, desk.now())}`
    throw new GatewayError('invalid_value', `Gateway key ${key.id} ${why} and cannot be rotated: create a new one.`, { param: 'key_id' })
  }
  refuseEscalation(by, { scopes: key.scopes, expiresAt: key.kind === 'admin' ? key.expiresAt : by.expiresAt })
  const fresh = await mint(desk, by, { ...key, kind: key.kind })
  const end = Math.min(desk.now() + overlap, Date.parse(key.expiresAt ?? '') || Number.POSITIVE_INFINITY)
  const detail = { into: fresh.key.id, until: new Date(end).toISOString() }
  await desk.store.keys.update({ ...key, expiresAt: detail.until }, entry(desk, by, { ...about('gateway_key.rotate', key), detail }))
  return fresh
}

export interface KeyFilter {
  readonly tenant?: TenantId | undefined
  readonly kinds?: readonly GatewayKey['kind'][] | undefined
  /** The last id of the page before. */
  readonly after?: string | undefined
  readonly limit: number
}

/** By id. */
export async function listKeys(desk: Desk, by: Operator, { tenant, kinds, after, limit }: KeyFilter): Promise<readonly GatewayKey[]> {
  await note(desk, by, { action: 'gateway_key.list', tenant, object: kinds?.join(', ') ?? 'all' })
  const keys = tenant === undefined ? desk.directory.keys() : desk.directory.keysOf(tenant)
  const wanted = keys.filter(({ id, kind }) => (kinds?.includes(kind) ?? true) && (after === undefined || id > after))
  return firstBy(wanted, limit, ({ id }) => id)
}

/** Whose key is this? Answered for keys of every state, so that a lapsed one is found too; undefined where it is none of ours. */
export async function identifyKey(desk: Desk, by: Operator, text: string): Promise<GatewayKey | undefined> {
  const key = recogniser({ directory: desk.directory, pepper: desk.vault.pepper(), adminKey: undefined })(text.trim())
  await note(desk, by, { action: 'gateway_key.identify', tenant: key?.tenant, object: key?.id ?? 'unknown' })
  return key
}

/** A key of another tenant or kind is as good as none. Throws `not_found`. */
export function keyNamed({ directory }: Desk, id: string, { tenant, kinds }: Pick<KeyFilter, 'tenant' | 'kinds'> = {}): GatewayKey {
  const key = directory.key(keyId(id))
  const fits = key && (tenant === undefined || key.tenant === tenant) && (kinds?.includes(key.kind) ?? true)
  if (fits) return key
  throw new GatewayError('not_found', 'There is no such gateway key here. List the keys to see those there are.')
}

export function keyStatus({ revokedAt, expiresAt }: GatewayKey, now: number): 'active' | 'expired' | 'revoked' {
  if (revokedAt !== undefined) return 'revoked'
  // Written so that a date nobody can read has passed, as identifying does.
  return expiresAt === undefined || Date.parse(expiresAt) > now ? 'active' : 'expired'
}

type Draft = KeyWishes & { kind: MintedKind; tenant?: TenantId | undefined; scopes: readonly string[] } & Partial<
    Pick<GatewayKey, 'tenants'>
  >

async function mint(desk: Desk, by: Operator, draft: Draft): Promise<MintedKey> {
  refusePast(draft.expiresAt, desk.now())
  const { id, text } = mintKey(draft.kind, desk.random)
  const digest = digestKey(text.reveal(), desk.vault.pepper())
  const key: GatewayKey = {
    name: undefined,
    tenant: undefined,
    tenants: undefined,
    models: undefined,
    endpoints: undefined,
    allowIps: undefined,
    limits: undefined,
    defaults: undefined,
    expiresAt: undefined,
    ...draft,
    ...{ id, digest, revokedAt: undefined, createdAt: new Date(desk.now()).toISOString() },
  }
  await desk.store.keys.create(key, entry(desk, by, { ...about('gateway_key.create', key), detail: rightsOf(key) }))
  return { key, text }
}

function refusePast(expiresAt: string | undefined, now: number): void {
  if (expiresAt === undefined || Date.parse(expiresAt) > now) return
  throw new GatewayError('invalid_value', 'expires_at has passed already: give a time to come.', { param: 'expires_at' })
}

function grantOf(desk: Desk, names: readonly string[]): readonly TenantId[] | 'any' {
  if (names.length === 1 && names[0] === '*') return 'any'
  return names.map((name) => tenantNamed(desk, name).id)
}

const about = (action: string, { id, tenant }: { id: KeyId; tenant: TenantId | undefined }) => ({ action, tenant, object: id })

const rightsOf = ({ kind, name, tenants, scopes, models, endpoints, expiresAt }: GatewayKey) => ({
  ...{ kind, name, tenants, scopes, models, endpoints, expires_at: expiresAt },
})
