import { z } from 'zod'
import type { KeyKind } from '../../contract/caller.ts'
import {
  createAdminKey,
  createServiceKey,
  createTenantKey,
  identifyKey,
  type KeyFilter,
  keyNamed,
  listKeys,
  revokeKey,
  rotateKey,
} from '../../desk/gateway-keys.ts'
import { tenantNamed } from '../../desk/tenants.ts'
import { GatewayError } from '../../errors.ts'
import { page, pageOf, pageQuery, readCursor } from '../page.ts'
import { Created } from '../route.ts'
import { type AdminContext, adminRoute } from './context.ts'
import { keyAnswer, keyFields, mintedAnswer, scopes, showKey, showMinted, wishesOf } from './gateway-keys.ts'

const OF_TENANTS: readonly KeyKind[] = ['tenant', 'imported']
const listQuery = z.strictObject(pageQuery)

const OVERLAP = /^(\d{1,6})([smhd])$/
const MILLISECONDS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

const tenantKeys = [
  adminRoute({
    method: 'POST',
    path: '/tenants/{tenant}/keys',
    scope: 'keys',
    summary: 'Create a key of a tenant',
    body: z.strictObject(keyFields),
    answer: mintedAnswer,
    statuses: [201],
    async handle({ desk, by }, { params, body }) {
      const tenant = tenantNamed(desk, params.tenant)
      return new Created(showMinted(desk, await createTenantKey(desk, by, { tenant, wishes: wishesOf(body) })))
    },
  }),
  adminRoute({
    method: 'GET',
    path: '/tenants/{tenant}/keys',
    scope: 'keys',
    summary: "List a tenant's keys",
    query: listQuery,
    answer: pageOf(keyAnswer),
    handle: (context, { params, query }) => listed(context, query, { tenant: tenantNamed(context.desk, params.tenant).id }),
  }),
  adminRoute({
    method: 'DELETE',
    path: '/tenants/{tenant}/keys/{key_id}',
    scope: 'keys',
    summary: 'Revoke a key of a tenant',
    answer: keyAnswer,
    handle: (context, { params }) =>
      revoked(context, params.key_id, { tenant: tenantNamed(context.desk, params.tenant).id, kinds: OF_TENANTS }),
  }),
]

const serviceKeys = [
  adminRoute({
    method: 'POST',
    path: '/service-keys',
    scope: 'keys',
    summary: 'Create a key that acts for tenants',
    body: z.strictObject({
      ...keyFields,
      tenants: z.array(z.string()).min(1).max(10_000).meta({ description: '["*"], or slugs or ids.' }),
      scopes: scopes.default([]),
    }),
    answer: mintedAnswer,
    statuses: [201],
    handle: async ({ desk, by }, { body }) =>
      new Created(showMinted(desk, await createServiceKey(desk, by, { ...wishesOf(body), tenants: body.tenants, scopes: body.scopes }))),
  }),
  ...kindRoutes('service'),
]

const adminKeys = [
  adminRoute({
    method: 'POST',
    path: '/admin-keys',
    scope: 'keys',
    summary: 'Create a key of the admin API, with at most the rights of your own',
    body: z.strictObject({
      name: keyFields.name,
      expires_at: keyFields.expires_at,
      allow_ips: keyFields.allow_ips,
      scopes: scopes.min(1),
    }),
    answer: mintedAnswer,
    statuses: [201],
    handle: async ({ desk, by }, { body }) =>
      new Created(showMinted(desk, await createAdminKey(desk, by, { ...wishesOf(body), scopes: body.scopes }))),
  }),
  ...kindRoutes('admin'),
]

const anyKeys = [
  adminRoute({
    method: 'GET',
    path: '/keys',
    scope: 'keys',
    summary: 'List the keys of every kind and tenant',
    query: listQuery,
    answer: pageOf(keyAnswer),
    handle: (context, { query }) => listed(context, query, {}),
  }),
  adminRoute({
    method: 'DELETE',
    path: '/keys/{key_id}',
    scope: 'keys',
    summary: 'Revoke a key by its id alone',
    answer: keyAnswer,
    handle: (context, { params }) => revoked(context, params.key_id, {}),
  }),
  adminRoute({
    method: 'POST',
    path: '/keys/{key_id}/rotate',
    scope: 'keys',
    summary: 'Create a key with the same rights, and let the old one lapse after the overlap',
    body: z.strictObject({ overlap: z.string().regex(OVERLAP, 'a time such as 30m, 24h or 7d').default('24h') }),
    answer: mintedAnswer,
    statuses: [201],
    handle: async ({ desk, by }, { params, body }) =>
      new Created(showMinted(desk, await rotateKey(desk, by, { key: keyNamed(desk, params.key_id), overlap: overlapOf(body.overlap) }))),
  }),
  adminRoute({
    method: 'POST',
    path: '/keys/identify',
    scope: 'keys',
    summary: 'Whose key is this? For a key that turned up somewhere',
    body: z.strictObject({ key: z.string().min(1).max(512) }),
    answer: keyAnswer,
    async handle({ desk, by }, { body }) {
      const key = await identifyKey(desk, by, body.key)
      if (key) return showKey(desk, key)
      throw new GatewayError('not_found', 'This is no gateway key that is kept here, whole and unchanged.')
    },
  }),
]

export const gatewayKeyRoutes = [...tenantKeys, ...serviceKeys, ...adminKeys, ...anyKeys]

function kindRoutes(kind: 'service' | 'admin') {
  const kinds = [kind]
  return [
    adminRoute({
      method: 'GET',
      path: `/${kind}-keys`,
      scope: 'keys',
      summary: `List ${kind} keys`,
      query: listQuery,
      answer: pageOf(keyAnswer),
      handle: (context, { query }) => listed(context, query, { kinds }),
    }),
    adminRoute({
      method: 'DELETE',
      path: `/${kind}-keys/{key_id}`,
      scope: 'keys',
      summary: `Revoke a key of kind ${kind}`,
      answer: keyAnswer,
      handle: (context, { params }) => revoked(context, params.key_id, { kinds }),
    }),
  ]
}

async function listed({ desk, by }: AdminContext, query: z.output<typeof listQuery>, of: Pick<KeyFilter, 'tenant' | 'kinds'>) {
  const keys = await listKeys(desk, by, { ...of, limit: query.limit, after: readCursor(query.cursor) })
  return page(keys, { limit: query.limit, show: (key) => showKey(desk, key), mark: ({ id }) => id })
}

async function revoked({ desk, by }: AdminContext, id: string, of: Pick<KeyFilter, 'tenant' | 'kinds'>) {
  return showKey(desk, await revokeKey(desk, by, keyNamed(desk, id, of)))
}

/** Milliseconds. */
function overlapOf(text: string): number {
  const [, count, unit = ''] = OVERLAP.exec(text) ?? []
  return Number(count) * (MILLISECONDS[unit] ?? 0)
}
