import { randomBytes } from 'node:crypto'
import type { GatewayKey, KeyKind, Tenant } from '../../src/contract/caller.ts'
import type { Presented } from '../../src/contract/gateway.ts'
import { keyId, planId, slug, tenantId } from '../../src/contract/ids.ts'
import { digestImported, digestKey, mintKey } from '../../src/policy/gateway-keys.ts'

export const pepper = Buffer.alloc(32, 7)

/** A tenant whose id is `id-of-<name>`, so that slug and id are never the same text. */
export function tenantNamed(name: string, more: Partial<Tenant> = {}): Tenant {
  return {
    id: tenantId(`id-of-${name}`),
    slug: slug(name),
    name,
    plan: planId('team'),
    status: 'active',
    overrides: undefined,
    createdAt: '2026-01-01T00:00:00Z',
    ...more,
  }
}

/** A key as the directory holds it, and the text its owner presents. */
export function keyOf(kind: KeyKind, more: Partial<GatewayKey> = {}): { text: string; key: GatewayKey } {
  const { id, text } = kind === 'imported' ? foreignKey() : mintKey(kind, randomBytes)
  const shown = typeof text === 'string' ? text : text.reveal()
  const digest = kind === 'imported' ? digestImported(shown) : digestKey(shown, pepper)
  return { text: shown, key: { ...BARE, id, kind, digest, ...more } }
}

export function presenting(headers: Record<string, string>, more: Partial<Omit<Presented, 'header'>> = {}): Presented {
  return { header: (name) => headers[name], pathTag: undefined, ip: undefined, ...more }
}

const BARE = {
  name: undefined,
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
  createdAt: '2026-01-01T00:00:00Z',
} satisfies Partial<GatewayKey>

const foreignKey = () => ({ id: keyId(randomBytes(5).toString('hex')), text: `app_${randomBytes(16).toString('hex')}` })
