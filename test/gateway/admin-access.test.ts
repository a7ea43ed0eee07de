import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { adminRoutes } from '../../src/http/admin/routes.ts'
import type { Description } from '../../src/http/route.ts'
import { tenantPageRoutes } from '../../src/http/tenant-page/app.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'

// Who may call which route, asked of every route there is: the tables are the ones the router is made of.

type Who = 'nobody' | 'tenant' | 'service' | 'unscoped admin' | 'scoped admin'

let gateway: TestGateway
const keys = new Map<Who | string, string>()

beforeAll(async () => {
  gateway = await startGateway()
  const { key } = await gateway.tenant('acme', 'team')
  await gateway.tenant('rival', 'team')
  const minted = async (path: string, body: object): Promise<string> => (await gateway.api('POST', path, body)).body.key
  keys.set('tenant', key)
  keys.set('service', await minted('/service-keys', { tenants: ['acme'], scopes: ['provider_keys', 'keys', 'tenants'] }))
  for (const scope of new Set(adminRoutes.map((route) => route.scope ?? ''))) {
    keys.set(`only ${scope}`, await minted('/admin-keys', { scopes: [scope] }))
    keys.set(`all but ${scope}`, await minted('/admin-keys', { scopes: SCOPES.filter((other) => other !== scope) }))
  }
})
afterAll(() => gateway.stop())

const SCOPES = ['tenants', 'keys', 'provider_keys', 'usage:read', 'audit:read', 'config', 'metrics']

function keyOf(who: Who, { scope }: Description): string | undefined {
  if (who === 'unscoped admin') return keys.get(`all but ${scope}`)
  return who === 'scoped admin' ? keys.get(`only ${scope}`) : keys.get(who)
}

// A new route is written down here by hand, so that its scope is somebody's decision.
const EXPECTED = [
  'POST /tenants: tenants',
  'PUT /tenants/{slug}: tenants',
  'GET /tenants: tenants',
  'GET /tenants/{tenant}: tenants',
  'PATCH /tenants/{tenant}: tenants',
  'DELETE /tenants/{tenant}: tenants',
  'GET /tenants/{tenant}/export: tenants',
  'POST /tenants/{tenant}/keys: keys',
  'GET /tenants/{tenant}/keys: keys',
  'DELETE /tenants/{tenant}/keys/{key_id}: keys',
  'POST /service-keys: keys',
  'GET /service-keys: keys',
  'DELETE /service-keys/{key_id}: keys',
  'POST /admin-keys: keys',
  'GET /admin-keys: keys',
  'DELETE /admin-keys/{key_id}: keys',
  'GET /keys: keys',
  'DELETE /keys/{key_id}: keys',
  'POST /keys/{key_id}/rotate: keys',
  'POST /keys/identify: keys',
  'GET /tenants/{tenant}/provider-keys: provider_keys',
  'POST /tenants/{tenant}/provider-keys/migrate: provider_keys',
  'POST /tenants/{tenant}/provider-keys/seal: provider_keys',
  'PUT /tenants/{tenant}/provider-keys/{provider}: provider_keys',
  'GET /tenants/{tenant}/provider-keys/{provider}: provider_keys',
  'DELETE /tenants/{tenant}/provider-keys/{provider}: provider_keys',
  'POST /tenants/{tenant}/provider-keys/{provider}/test: provider_keys',
  'POST /tenants/{tenant}/provider-keys/{provider}/diagnose: provider_keys',
  'GET /explain: usage:read',
  'GET /requests/{id}/explain: usage:read',
  'GET /requests: usage:read',
  'GET /requests/{id}: usage:read',
  'GET /usage: usage:read',
  'GET /audit: audit:read',
  'GET /plans: config',
  'GET /models: config',
  'GET /providers: config',
  'GET /doctor: config',
  'GET /catalog: config',
  'POST /catalog/revert: config',
  'POST /catalog/refresh: config',
  'GET /incidents: config',
  'POST /providers/{provider}/disable: config',
  'POST /providers/{provider}/enable: config',
  'POST /models/redirect: config',
  'POST /models/restore: config',
  'GET /events: config',
  'GET /ledger-exports: config',
  'POST /ledger-exports/{destination}/resume: config',
  'POST /reconcile: usage:read',
]

it('every route asks for the scope that was decided on', () => {
  expect(adminRoutes.map(({ method, path, scope }) => `${method} ${path}: ${scope}`)).toEqual(EXPECTED)
})

/** Names that nobody has, so that whoever is let in changes nothing. */
const nowhere = ({ path }: Description): string => path.replaceAll(/\{\w+\}/g, 'nowhere')

describe.each(adminRoutes.map((route) => [`${route.method} ${route.path}`, route] as const))('admin %s', (_, route) => {
  it.each([
    ['nobody', { status: 401, code: 'invalid_api_key' }],
    ['tenant', { status: 403, code: 'key_not_allowed_here' }],
    ['service', { status: 403, code: 'key_not_allowed_here' }],
    ['unscoped admin', { status: 403, code: 'scope_missing' }],
  ] as const)('is closed to %s', async (who, expected) => {
    const key = keyOf(who, route)
    // What cannot be read must not matter before it is known who asks.
    const { status, body } = await gateway.call(route.method, `/admin/v1${nowhere(route)}?unknown=1`, {
      ...(key !== undefined && { key }),
      ...(route.method !== 'GET' && { body: '{"half":' }),
    })
    expect({ status, code: body.error?.code }).toEqual(expected)
  })

  it('is open to an admin key of its scope alone', async () => {
    const key = keyOf('scoped admin', route) ?? ''
    const { body } = await gateway.call(route.method, `/admin/v1${nowhere(route)}`, { key, ...(route.method !== 'GET' && { body: {} }) })
    expect(['invalid_api_key', 'key_not_allowed_here', 'scope_missing']).not.toContain(body.error?.code)
  })

  it('refuses what its description does not list', async () => {
    const sent = route.method === 'GET' ? undefined : {}
    const { status, body } = await gateway.api(route.method, `${nowhere(route)}?no_such_parameter=1`, sent)
    expect({ status, code: body.error.code }).toEqual({ status: 400, code: 'invalid_value' })
    expect(body.error.message).toContain('There is no field "no_such_parameter" here.')
  })
})

const COLUMNS = ['id', 'kind', 'digest', 'tenant_id', 'created_at', 'revoked_at', 'setting_value', 'is_admin', '__proto__', 'constructor']

const foreignColumns = adminRoutes.flatMap((route) => {
  const properties = route.body && (z.toJSONSchema(route.body, { io: 'input' }).properties ?? {})
  const foreign = COLUMNS.filter((column) => properties && !Object.hasOwn(properties, column))
  return foreign.map((column) => [column, `${route.method} ${route.path}`, route] as const)
})

describe('mass assignment', () => {
  it.each(foreignColumns)('sets no %s by %s', async (column, _, route) => {
    const { status, body } = await gateway.api(route.method, nowhere(route), `{"${column}":"x"}`)
    expect({ status, code: body.error.code }).toEqual({ status: 400, code: 'invalid_value' })
    expect(body.error.message).toContain(`"${column}"`)
  })
})

describe.each(tenantPageRoutes.map((route) => [`${route.method} ${route.path}`, route] as const))("the tenant's page %s", (_, route) => {
  const call = (key: string | undefined, headers: Record<string, string> = {}) =>
    gateway.call(route.method, `/v1${nowhere(route)}`, { ...(key !== undefined && { key }), headers, ...(route.body && { body: {} }) })
  const codeOf = async (answer: ReturnType<typeof call>) => {
    const { status, body } = await answer
    return { status, code: body.error?.code }
  }

  it('is closed to nobody, to admin keys, and to service keys without the scope or the tenant', async () => {
    const bare = (await gateway.api('POST', '/service-keys', { tenants: ['*'] })).body.key
    expect(await codeOf(call(undefined))).toEqual({ status: 401, code: 'invalid_api_key' })
    expect(await codeOf(call(gateway.adminKey))).toEqual({ status: 403, code: 'key_not_allowed_here' })
    expect(await codeOf(call(bare, { 'x-tenant-id': 'acme' }))).toEqual({ status: 403, code: 'scope_missing' })
    expect(await codeOf(call(keys.get('service'), { 'x-tenant-id': 'rival' }))).toEqual({ status: 404, code: 'tenant_not_found' })
  })

  it('is open to the tenant and its service key', async () => {
    for (const [key, headers] of [
      [keys.get('tenant'), {}],
      [keys.get('service'), { 'x-tenant-id': 'acme' }],
    ] as const) {
      const { code } = await codeOf(call(key, headers))
      expect(['invalid_api_key', 'key_not_allowed_here', 'scope_missing', 'tenant_not_found', 'tenant_mismatch']).not.toContain(code)
    }
  })
})

describe('what is not there', () => {
  it.each([
    '/admin',
    '/admin/v1',
    '/admin/v1/',
    '/admin/v1/nothing',
    '/t/acme/admin/v1/tenants',
    '/v1/admin/v1/tenants',
    '//admin/v1/tenants',
  ])('%s finds nothing, with every scope', async (path) => {
    expect((await gateway.call('GET', path, { key: gateway.adminKey })).status).toBe(404)
  })

  it.each(['PUT', 'DELETE', 'OPTIONS'])('an odd method, %s, is told what the path takes', async (method) => {
    const { status, headers, body } = await gateway.call(method, '/admin/v1/tenants', { key: gateway.adminKey })
    expect({ status, allow: headers.get('allow'), code: body.error.code }).toEqual({
      status: 405,
      allow: 'POST, GET',
      code: 'method_not_allowed',
    })
  })

  it('is no other method by a header', async () => {
    await gateway.call('POST', '/admin/v1/tenants/acme', {
      key: gateway.adminKey,
      headers: { 'x-http-method-override': 'DELETE' },
      body: {},
    })
    expect((await gateway.api('GET', '/tenants/acme')).status).toBe(200)
  })
})

describe('the OpenAPI document', () => {
  it('is for admin keys, and lists every route with its scope and statuses', async () => {
    expect((await gateway.call('GET', '/admin/v1/openapi.json')).status).toBe(401)
    const { body } = await gateway.api('GET', '/openapi.json')
    expect(body.openapi).toBe('3.1.0')
    const listed = Object.entries<Record<string, { 'x-tollgate-scope': string; responses: object }>>(body.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => [
        `${method.toUpperCase()} ${path}`,
        operation['x-tollgate-scope'],
        Object.keys(operation.responses),
      ]),
    )
    const served = adminRoutes.map(({ method, path, scope, statuses }) => [
      `${method} /admin/v1${path}`,
      scope,
      [...statuses.map(String), 'default'],
    ])
    expect(listed.toSorted()).toEqual(served.toSorted())
  })

  it('is whole: every name in a path is a parameter, every reference leads somewhere, every id is its own', async () => {
    const { body } = await gateway.api('GET', '/openapi.json')
    const operations = Object.entries<object>(body.paths).flatMap(([path, item]) =>
      Object.values(item).map((operation: { operationId: string; parameters: { name: string; in: string; schema: object }[] }) => ({
        path,
        ...operation,
      })),
    )
    for (const { path, parameters } of operations) {
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`)
      expect(inPath).toEqual(path.match(/\{\w+\}/g) ?? [])
    }
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length)
    const references = [...JSON.stringify(body).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name)
    expect(Object.keys(body.components.schemas)).toEqual(expect.arrayContaining([...new Set(references)]))
  })
})
