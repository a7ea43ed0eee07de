import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ApiAnswer, startGateway, type TestGateway } from '../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
  for (const slug of ['acme', 'rival']) await gateway.api('POST', '/tenants', { slug, plan: 'team', id: `id-${slug}` })
})
afterAll(() => gateway.stop())

const codeOf = ({ status, body }: ApiAnswer) => ({ status, code: body.error?.code })
const works = async (key: string, headers = {}) => (await gateway.call('GET', '/v1/models', { key, headers })).status
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString()

describe("a tenant's keys", () => {
  it('are shown once, and kept without their text', async () => {
    const { status, body } = await gateway.api('POST', '/tenants/acme/keys', { name: 'backend' })
    expect(status).toBe(201)
    expect(body.key).toMatch(/^sk-tg-t[0-9A-Za-z]{59}$/)
    expect(await works(body.key)).toBe(200)
    const { key: _, ...listed } = body
    expect((await gateway.api('GET', '/tenants/acme/keys')).body.data).toContainEqual(listed)
    const secret = body.key.slice(17)
    const stored = Object.entries(await gateway.state.stored())
    expect(stored.filter(([, text]) => text.includes(body.id)).length, 'places that know the key').toBeGreaterThan(0)
    expect(stored.filter(([, text]) => text.includes(secret)).map(([place]) => place)).toEqual([])
  })

  it('carry what they are narrowed to', async () => {
    const wishes = {
      models: ['economy', 'demo/*'],
      endpoints: ['chat'],
      allow_ips: ['127.0.0.0/8', '::1'],
      limits: { rpm: 3 },
      defaults: { usage_cost: true, tags: ['x'] },
      expires_at: inAnHour(),
    }
    const { body } = await gateway.api('POST', '/tenants/acme/keys', wishes)
    expect(body).toMatchObject({ ...wishes, tenant: 'acme', kind: 'tenant', status: 'active', scopes: [] })
  })

  it.each([
    ['an address that is none', { allow_ips: ['localhost'] }],
    ['a range too wide to read', { allow_ips: ['10.0.0.0/33'] }],
    ['an endpoint nobody has', { endpoints: ['telnet'] }],
    ['no models at all', { models: [] }],
    ['a limit below nothing', { limits: { rpm: -1 } }],
    ['a limit of no such name', { limits: { rps: 1 } }],
    ['an end that has passed', { expires_at: '2020-01-01T00:00:00Z' }],
    ['an end that is no time', { expires_at: 'tomorrow' }],
    ['scopes', { scopes: ['keys'] }],
    ['another tenant', { tenant: 'rival' }],
  ])('are refused with %s', async (_, body) => {
    expect(codeOf(await gateway.api('POST', '/tenants/acme/keys', body))).toEqual({ status: 400, code: 'invalid_value' })
  })

  it('are refused once revoked, for good and with the first date', async () => {
    const { body } = await gateway.api('POST', '/tenants/acme/keys')
    const first = await gateway.api('DELETE', `/tenants/acme/keys/${body.id}`)
    const second = await gateway.api('DELETE', `/tenants/acme/keys/${body.id}`)
    expect(await works(body.key)).toBe(401)
    expect(first.body).toMatchObject({ status: 'revoked', revoked_at: expect.any(String) })
    expect(second.body).toEqual(first.body)
  })

  it("are not another tenant's to see, and look like none at all", async () => {
    const { body } = await gateway.api('POST', '/tenants/rival/keys')
    const foreign = await gateway.api('DELETE', `/tenants/acme/keys/${body.id}`)
    const absent = await gateway.api('DELETE', '/tenants/acme/keys/0000000000')
    expect(foreign.status).toBe(404)
    expect({ ...foreign.body.error, metadata: {} }).toEqual({ ...absent.body.error, metadata: {} })
    expect(await works(body.key)).toBe(200)
  })

  it('rotate: the old one is good for the overlap and no longer', async () => {
    const { body: old } = await gateway.api('POST', '/tenants/acme/keys', { name: 'rotating', models: ['economy'] })
    const { status, body: fresh } = await gateway.api('POST', `/keys/${old.id}/rotate`, { overlap: '1s' })
    expect({ status, same: fresh.id === old.id }).toEqual({ status: 201, same: false })
    expect(fresh).toMatchObject({ name: 'rotating', models: ['economy'], tenant: 'acme', expires_at: null })
    expect([await works(old.key), await works(fresh.key)]).toEqual([200, 200])
    await expect.poll(() => works(old.key), { timeout: 3_000 }).toBe(401)
    expect(await works(fresh.key)).toBe(200)
    expect(codeOf(await gateway.api('POST', `/keys/${old.id}/rotate`))).toEqual({ status: 400, code: 'invalid_value' })
  })
})

describe('service keys', () => {
  it('act for the tenants they name, by slug or id, and for no other', async () => {
    const { body } = await gateway.api('POST', '/service-keys', { tenants: ['acme'], name: 'app' })
    expect(body).toMatchObject({ kind: 'service', tenants: ['acme'], tenant: null })
    expect(await works(body.key, { 'x-tenant-id': 'acme' })).toBe(200)
    expect(await works(body.key, { 'x-tenant-id': 'id-acme' })).toBe(200)
    expect(await works(body.key, { 'x-tenant-id': 'rival' })).toBe(404)
    expect((await gateway.api('GET', '/service-keys')).body.data.map(({ id }: { id: string }) => id)).toContain(body.id)
  })

  it('act for every tenant with *, of tenants to come too', async () => {
    const { body } = await gateway.api('POST', '/service-keys', { tenants: ['*'] })
    await gateway.api('POST', '/tenants', { slug: 'newcomer', plan: 'team' })
    expect(await works(body.key, { 'x-tenant-id': 'newcomer' })).toBe(200)
    expect(codeOf(await gateway.api('POST', '/service-keys', { tenants: ['acme', '*'] }))).toEqual({
      status: 404,
      code: 'tenant_not_found',
    })
  })
})

describe('admin keys', () => {
  it.each([['*'], ['tenants:*'], ['TENANTS'], ['tenants '], ['usage:*']])('have no scope %s', async (scope) => {
    expect(codeOf(await gateway.api('POST', '/admin-keys', { scopes: [scope] }))).toEqual({ status: 400, code: 'invalid_value' })
  })

  it('give no more than they have, neither scopes nor time, nor by rotation', async () => {
    const { body: small } = await gateway.api('POST', '/admin-keys', { scopes: ['keys'], expires_at: inAnHour() })
    const { body: large } = await gateway.api('POST', '/admin-keys', { scopes: ['keys', 'tenants'], expires_at: inAnHour() })
    const asSmall = async (path: string, body: object) => codeOf(await gateway.call('POST', `/admin/v1${path}`, { key: small.key, body }))
    const refused = { status: 403, code: 'privilege_escalation' }
    expect(await asSmall('/admin-keys', { scopes: ['keys', 'tenants'], expires_at: small.expires_at })).toEqual(refused)
    expect(await asSmall('/admin-keys', { scopes: ['keys'] })).toEqual(refused)
    expect(await asSmall('/service-keys', { tenants: ['*'], scopes: ['provider_keys'] })).toEqual(refused)
    expect(await asSmall(`/keys/${large.id}/rotate`, {})).toEqual(refused)
    expect(await asSmall('/admin-keys', { scopes: ['keys'], expires_at: small.expires_at })).toMatchObject({ status: 201 })
  })

  it('are no key by their id, their last characters or what the store holds', async () => {
    const { body } = await gateway.api('POST', '/admin-keys', { scopes: ['tenants'] })
    for (const key of [body.id, body.key.slice(-6), body.key.slice(0, -1), body.key.toLowerCase(), `${body.key} `, `sk-tg-a${body.id}`]) {
      const { status } = await gateway.call('GET', '/admin/v1/tenants', { headers: { 'x-tollgate-key': key } })
      expect([key.length, status]).toEqual([key.length, key === `${body.key} ` ? 200 : 401])
    }
  })

  it('are told apart: two in one request are refused', async () => {
    const { body } = await gateway.api('POST', '/admin-keys', { scopes: ['tenants'] })
    const answer = await gateway.call('GET', '/admin/v1/tenants', { key: gateway.adminKey, headers: { 'x-api-key': body.key } })
    expect(codeOf(answer)).toEqual({ status: 400, code: 'ambiguous_credentials' })
  })
})

describe('whose key is this?', () => {
  it('is answered for a whole key, a lapsed one too, and for nothing less', async () => {
    const { body } = await gateway.api('POST', '/tenants/acme/keys', { name: 'found on the street' })
    await gateway.api('DELETE', `/keys/${body.id}`)
    expect((await gateway.api('POST', '/keys/identify', { key: `  ${body.key}\n` })).body).toMatchObject({
      id: body.id,
      tenant: 'acme',
      status: 'revoked',
    })
    for (const key of [
      body.id,
      body.key.slice(0, 30),
      `${body.key.slice(0, -1)}${body.key.endsWith('0') ? 1 : 0}`,
      'sk-1234',
      gateway.adminKey,
    ]) {
      expect(codeOf(await gateway.api('POST', '/keys/identify', { key }))).toEqual({ status: 404, code: 'not_found' })
    }
  })
})

describe('audit rows', () => {
  it('are a condition: where they cannot be written nothing is done and nothing shown, and apps go on', async () => {
    const apart = await startGateway()
    const { key } = await apart.tenant('acme', 'team')
    await apart.state.sql('ALTER TABLE audit RENAME TO lost')
    const refused = { status: 503, code: 'audit_unavailable' }
    expect(codeOf(await apart.api('PATCH', '/tenants/acme', { plan: 'pro' }))).toEqual(refused)
    expect(codeOf(await apart.api('PUT', '/tenants/acme/provider-keys/openai', { key: 'sk-0123456789' }))).toEqual(refused)
    expect(codeOf(await apart.api('GET', '/usage'))).toEqual(refused)
    expect((await apart.api('GET', '/tenants/acme')).body.plan).toBe('team')
    expect((await apart.call('GET', '/v1/models', { key })).status).toBe(200)
    await apart.stop()
  })

  it('name who did what to whom, newest first, and hold no key', async () => {
    const { body: admin } = await gateway.api('POST', '/admin-keys', { name: 'night shift', scopes: ['keys', 'tenants', 'audit:read'] })
    const as = (method: string, path: string, body?: object) => gateway.call(method, `/admin/v1${path}`, { key: admin.key, body })
    const { body: made } = await as('POST', '/tenants/acme/keys', { name: 'audited' })
    await as('GET', '/tenants/acme/keys')
    await as('DELETE', `/tenants/acme/keys/${made.id}`)
    await as('PATCH', '/tenants/acme', { plan: 'pro' })
    const { body } = await as('GET', '/audit?tenant=acme&limit=4')
    expect(body.data.map(({ actor, action, object }: Record<string, string>) => [actor, action, object])).toEqual([
      [`night shift (${admin.id})`, 'tenant.update', 'acme'],
      [`night shift (${admin.id})`, 'gateway_key.revoke', made.id],
      [`night shift (${admin.id})`, 'gateway_key.list', 'all'],
      [`night shift (${admin.id})`, 'gateway_key.create', made.id],
    ])
    expect(body.data[0]).toMatchObject({
      tenant: 'id-acme',
      detail: { plan: 'pro', plan_before: 'team' },
      request_id: expect.stringMatching(/^req_/),
    })
    expect(JSON.stringify(body)).not.toContain(made.key.slice(17, 40))
    const next = await as('GET', `/audit?tenant=acme&limit=4&cursor=${body.next_cursor}`)
    expect(Math.max(...next.body.data.map(({ seq }: { seq: number }) => seq))).toBeLessThan(body.data[3].seq)
  })

  it('are not left by what was refused', async () => {
    const { body: before } = await gateway.api('GET', '/audit?limit=1')
    await gateway.api('POST', '/tenants', { slug: 'acme', plan: 'team' })
    await gateway.api('POST', '/tenants', { slug: 'x', plan: 'none such' })
    expect((await gateway.api('GET', '/audit?limit=1')).body).toEqual(before)
  })
})
