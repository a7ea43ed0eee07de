import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CommandLine, commandLine } from '../support/command-line.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'

// Everything about a tenant given back, and then erased, over the real API and the real command line.

const CANARY = 'sk-tenants-own-7Kq2vN8xW4mB1zT6'

let gateway: TestGateway
let cli: CommandLine
let acme: { id: string; slug: string; key: string }

beforeAll(async () => {
  gateway = await startGateway()
  cli = commandLine()
  acme = await gateway.tenant('acme', 'team', { providers: ['demo'] })
  const rival = await gateway.tenant('rival', 'team', { providers: ['demo'] })
  await gateway.api('PUT', '/tenants/acme/provider-keys/openai', { key: CANARY })
  for (const key of [acme.key, acme.key, rival.key]) {
    const body = { model: 'demo/echo', messages: [{ role: 'user', content: 'Hello' }], user: 'ann@acme.example' }
    expect((await gateway.call('POST', '/v1/chat/completions', { key, body })).status).toBe(200)
  }
})
afterAll(async () => {
  await gateway.stop()
  cli.remove()
})

const beside = (words: readonly string[]) => cli.run(words, { env: { ...gateway.state.env, TOLLGATE_CONFIG: gateway.configFolder } })
const over = (words: readonly string[]) => cli.run([...words, '--url', gateway.url], { env: { TOLLGATE_ADMIN_KEY: gateway.adminKey } })

type Line = Record<string, unknown> & { record: string }
const linesIn = (text: string): Line[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

const exported = async () => {
  const { status, headers, body } = await gateway.call('GET', '/admin/v1/tenants/acme/export', { key: gateway.adminKey })
  expect([status, headers.get('content-type')]).toEqual([200, 'application/x-ndjson'])
  return linesIn(body)
}

describe('an export', () => {
  it('holds all that there is of the tenant, and of no other', async () => {
    const lines = await exported()
    const of = (record: string) => lines.filter((line) => line.record === record)
    expect(of('tenant')).toEqual([expect.objectContaining({ id: acme.id, slug: 'acme', overrides: { providers: ['demo'] } })])
    expect(of('gateway_key')).toHaveLength(1)
    expect(of('provider_key')).toEqual([expect.objectContaining({ setting_key: 'OPENAI_API_KEY', status: 'usable' })])
    expect(of('usage')).toEqual([expect.objectContaining({ tenant: 'acme', requests: 2 })])
    expect(of('attempt').map(({ tenant, user }) => [tenant, user])).toEqual(Array(2).fill([acme.id, 'ann@acme.example']))
    expect(of('audit').map(({ action }) => action)).toEqual(expect.arrayContaining(['tenant.create', 'provider_key.set', 'tenant.export']))
    const counts = Object.fromEntries(
      [...Map.groupBy(lines.slice(0, -1), ({ record }) => record)].map(([record, all]) => [record, all.length]),
    )
    expect(lines.at(-1)).toEqual({ record: 'end', counts })
    expect(JSON.stringify(lines)).not.toContain('rival')
  })

  it('holds no key', async () => {
    const text = JSON.stringify(await exported())
    for (const secret of [CANARY, acme.key, 'tg1:']) expect(text).not.toContain(secret)
  })

  it('is for a key of all the scopes whose things it shows', async () => {
    const scopes = ['tenants', 'keys', 'provider_keys', 'usage:read']
    const { key } = (await gateway.api('POST', '/admin-keys', { scopes })).body
    const { status, body } = await gateway.call('GET', '/admin/v1/tenants/acme/export', { key })
    expect({ status, code: body.error.code }).toEqual({ status: 403, code: 'scope_missing' })
  })

  it('is printed line by line, at home and over --url', async () => {
    for (const run of [beside, over]) {
      const { code, out } = await run(['tenants', 'export', 'acme'])
      expect(code).toBe(0)
      expect(linesIn(out).at(-1)).toMatchObject({ record: 'end', counts: { tenant: 1, attempt: 2 } })
    }
    expect(await beside(['tenants', 'export', 'nobody'])).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('no such tenant'),
    })
  })
})

describe('an erasure', () => {
  it('prints its receipt, and leaves books that add up', async () => {
    const { code, out } = await beside(['tenants', 'delete', 'acme', '--erase'])
    expect(code).toBe(0)
    expect(out).toMatch(/TABLE +REMOVED +PSEUDONYMISED +KEPT/)
    expect(out).toMatch(/vault +1 +0 +0/)
    expect(out).toMatch(/attempts +0 +2 +0/)
    // The gateway hears of it from the database.
    await expect.poll(async () => (await gateway.call('GET', '/v1/models', { key: acme.key })).status).toBe(401)
    expect((await gateway.api('GET', '/tenants/acme')).status).toBe(404)
    const { data } = (await gateway.api('GET', '/requests')).body
    const left = data.filter(({ tenant }: Line) => tenant === acme.id).map(({ user, tags }: Line) => [user, tags])
    expect(left).toEqual(Array(2).fill([null, []]))
    expect(await beside(['ledger', 'verify'])).toMatchObject({ code: 0 })
  })
})
