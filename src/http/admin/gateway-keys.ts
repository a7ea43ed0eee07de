import { z } from 'zod'
import type { GatewayKey } from '../../contract/caller.ts'
import type { KeyLimits } from '../../contract/pool.ts'
import type { Endpoint } from '../../contract/provider.ts'
import type { Desk } from '../../desk/desk.ts'
import { type KeyWishes, keyStatus, type MintedKey } from '../../desk/gateway-keys.ts'
import { SCOPES } from '../../desk/operator.ts'
import { inRange } from '../../wire/cidr.ts'
import { ENDPOINTS } from '../explain.ts'
import { keyBudget, limitsAnswer } from '../key-limits.ts'

/** A gateway key as it is shown: never its text, nor its digest. */
export const keyAnswer = z.strictObject({
  id: z.string(),
  kind: z.enum(['admin', 'service', 'tenant', 'imported']),
  name: z.string().nullable(),
  status: z.enum(['active', 'expired', 'revoked']),
  tenant: z.string().nullable().meta({ description: "The slug, or the id where the tenant is gone; null where the key is no tenant's." }),
  tenants: z.array(z.string()).nullable().meta({ description: 'Of a service key: the tenants it may act for; ["*"] is all.' }),
  scopes: z.array(z.string()),
  models: z.array(z.string()).nullable(),
  endpoints: z.array(z.string()).nullable(),
  allow_ips: z.array(z.string()).nullable(),
  limits: limitsAnswer,
  defaults: z.record(z.string(), z.unknown()).nullable(),
  expires_at: z.string().nullable(),
  revoked_at: z.string().nullable(),
  created_at: z.string(),
})

export const mintedAnswer = keyAnswer.extend({ key: z.string().meta({ description: 'Shown this once.' }) })

export const scopes = z.array(z.enum(SCOPES)).max(SCOPES.length)
const limit = z.int().min(0).optional()
const list = z.array(z.string().min(1).max(256)).min(1).max(1000)

/** What every kind of key may be given. */
export const keyFields = {
  name: z.string().trim().min(1).max(200).optional(),
  expires_at: z.iso.datetime({ offset: true }).optional(),
  limits: z.strictObject({ rpm: limit, tpm: limit, concurrency: limit, budget: keyBudget.optional() }).optional(),
  models: list.optional().meta({ description: 'Tiers, exact ids and globs, as in a plan.' }),
  endpoints: z
    .array(z.enum([...ENDPOINTS] as [Endpoint, ...Endpoint[]]))
    .min(1)
    .optional(), // never empty, which its type does not say
  allow_ips: z.array(z.string().refine(isRange, 'an address or a range such as 10.0.0.0/8')).min(1).optional(),
  defaults: z
    .strictObject({
      usage_cost: z.boolean().optional(),
      strict: z.boolean().optional(),
      tags: z.array(z.string().max(100)).max(20).optional(),
    })
    .optional(),
}

type KeyFields = z.output<z.ZodObject<typeof keyFields>>

export function wishesOf({ name, expires_at, limits, models, endpoints, allow_ips, defaults }: KeyFields): KeyWishes {
  return { name, expiresAt: expires_at, limits: limits && defined(limits), models, endpoints, allowIps: allow_ips, defaults }
}

export function showKey({ directory, now }: Desk, key: GatewayKey): z.input<typeof keyAnswer> {
  const slugOf = (id: NonNullable<GatewayKey['tenant']>): string => directory.tenantById(id)?.slug ?? id
  return {
    id: key.id,
    kind: key.kind,
    name: key.name ?? null,
    status: keyStatus(key, now()),
    tenant: key.tenant === undefined ? null : slugOf(key.tenant),
    tenants: key.tenants === 'any' ? ['*'] : (key.tenants?.map(slugOf) ?? null),
    scopes: [...key.scopes],
    models: copy(key.models),
    endpoints: copy(key.endpoints),
    allow_ips: copy(key.allowIps),
    limits: key.limits ? { ...key.limits } : null,
    defaults: key.defaults ? { ...key.defaults } : null,
    expires_at: key.expiresAt ?? null,
    revoked_at: key.revokedAt ?? null,
    created_at: key.createdAt,
  }
}

export const showMinted = (desk: Desk, { key, text }: MintedKey): z.input<typeof mintedAnswer> => ({
  ...showKey(desk, key),
  key: text.reveal(),
})

/** Its own base lies in every range that can be read. */
function isRange(range: string): boolean {
  return inRange(range.split('/')[0] ?? '', range)
}

const copy = (items: readonly string[] | undefined): string[] | null => (items ? [...items] : null)

type Told = NonNullable<KeyFields['limits']>

/** What was left out is left out, and not there as undefined. */
function defined(limits: Told): KeyLimits {
  return Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined))
}
