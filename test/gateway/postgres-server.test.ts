import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../support/by-hand.ts'
import { type CuttingProxy, cuttingProxy } from '../support/cutting-proxy.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { missingServer, type PostgresServer, startPostgresServer } from '../support/postgres-server.ts'

// Gateways over a server that is stopped, falls over, and is cut off from one of them.

/** How long a gateway may take to notice that all is well again. Milliseconds. */
const RECOVERY = 5_000

describe.skipIf(missingServer)(`gateways whose PostgreSQL goes${missingServer ? `, skipped: ${missingServer}` : ''}`, () => {
  let server: PostgresServer
  let way: CuttingProxy
  let gateway: TestGateway
  let other: TestGateway
  let key: string
  let env: Record<string, string>

  beforeAll(async () => {
    server = await startPostgresServer()
    way = await cuttingProxy(server.url)
    env = { DATABASE_URL: way.url, TOLLGATE_MASTER_KEYS: `k1:${randomBytes(32).toString('base64')}` }
    gateway = await startGateway({ env })
    other = await startGateway({ env: { ...env, DATABASE_URL: server.url } })
    key = (await gateway.tenant('acme', 'enterprise')).key
    await until('the other gateway knows the tenant', async () => ((await ask(other)) === 200 ? true : undefined), RECOVERY)
  }, 60_000)
  afterAll(async () => {
    way.closeWay(false)
    await Promise.all([gateway?.stop(), other?.stop()])
    await way.stop()
    await server.remove()
  }, 60_000)

  const post = (where: TestGateway, secret = key) =>
    where.call('POST', '/v1/chat/completions', { key: secret, body: { model: 'demo/echo', messages: [{ role: 'user', content: 'one' }] } })
  const ask = async (where: TestGateway, secret = key) => (await post(where, secret)).status
  const sql = async (text: string, at = server.url) => {
    const client = new pg.Client({ connectionString: at })
    await client.connect()
    return client.query(text).finally(() => client.end())
  }
  const ready = async (where: TestGateway) => (await where.call('GET', '/health/ready')).status

  /** Every answer while it is away: told so, neither let through unbooked nor taken for a stranger. */
  async function isRefusedEverywhere(where: TestGateway): Promise<void> {
    const answer = await post(where)
    expect([answer.status, answer.body.error.code]).toEqual([503, expect.stringMatching(/^(?:ledger|storage)_unavailable$/)])
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    const asked = await where.call('PATCH', '/admin/v1/tenants/acme', { key: where.adminKey, body: { name: 'x' } })
    expect([asked.status, asked.body.error.code]).toEqual([503, expect.stringMatching(/^(?:storage|audit)_unavailable$/)])
    await expect.poll(() => ready(where), { timeout: RECOVERY }).toBe(503)
    expect(await ask(where, 'sk-nobody-0123456789'), 'a stranger is one all the same').toBe(401)
  }

  const serves = (where: TestGateway) => expect.poll(() => ask(where), { timeout: RECOVERY, interval: 100 }).toBe(200)

  it('F-45: stopped in the middle of it, it is told, never 401, and all goes on within five seconds of its return', {
    timeout: 60_000,
  }, async () => {
    await server.stop('immediate')
    await isRefusedEverywhere(gateway)
    await expect(startGateway({ env })).rejects.toMatchObject({ code: 'storage_unavailable' })
    await server.start()
    await Promise.all([serves(gateway), serves(other)])
    await expect.poll(() => ready(gateway), { timeout: RECOVERY }).toBe(200)
    await gateway.api('PATCH', '/tenants/acme', { plan: 'free' })
    await expect.poll(async () => (await other.api('GET', '/tenants/acme')).body.plan, { timeout: 6_000 }).toBe('free')
    await gateway.api('PATCH', '/tenants/acme', { plan: 'enterprise' })
  })

  it('F-45: turned read-only, it books nothing and lets nothing through, until it takes writes again', { timeout: 30_000 }, async () => {
    await sql('ALTER SYSTEM SET default_transaction_read_only = on')
    await sql('SELECT pg_reload_conf()')
    await expect.poll(() => ask(gateway), { timeout: RECOVERY }).toBe(503)
    await isRefusedEverywhere(gateway)
    const client = new pg.Client({ connectionString: server.url, options: '-c default_transaction_read_only=off' })
    await client.connect()
    await client.query('ALTER SYSTEM RESET default_transaction_read_only').finally(() => client.end())
    await sql('SELECT pg_reload_conf()')
    await Promise.all([serves(gateway), serves(other)])
  })

  it('F-53: cut off from it alone, a replica refuses while the other serves, and knows on its return who was let go', {
    timeout: 30_000,
  }, async () => {
    const gone = await other.tenant('gone', 'enterprise')
    await expect.poll(() => ask(gateway, gone.key), { timeout: RECOVERY }).toBe(200)
    way.closeWay(true)
    await isRefusedEverywhere(gateway)
    expect(await ask(other)).toBe(200)
    const [{ id }] = (await other.api('GET', '/tenants/gone/keys')).body.data
    await other.api('DELETE', `/tenants/gone/keys/${id}`)
    way.closeWay(false)
    await serves(gateway)
    await expect.poll(() => ask(gateway, gone.key), { timeout: RECOVERY }).toBe(401)
  })

  it('F-48: a standby that is behind answers for nobody: the key that is revoked here is not good there', { timeout: 60_000 }, async () => {
    const standby = await server.standby(5_000)
    way.leadTo(standby.url)
    await isRefusedEverywhere(gateway)
    await expect(startGateway({ env })).rejects.toMatchObject({ code: 'storage_unavailable', message: expect.stringContaining('standby') })
    const gone = await other.tenant('late', 'enterprise')
    const [{ id }] = (await other.api('GET', '/tenants/late/keys')).body.data
    await other.api('DELETE', `/tenants/late/keys/${id}`)
    way.leadTo(server.url)
    await serves(gateway)
    await expect.poll(() => ask(gateway, gone.key), { timeout: RECOVERY }).toBe(401)
  })

  // The last, for the other gateway's server is gone for good.
  it('F-45: when it falls and its standby is promoted, the books go on where they were, without a restart', {
    timeout: 60_000,
  }, async () => {
    const standby = await server.standby()
    const spent = async () =>
      (await gateway.api('GET', '/usage?tenant=acme')).body.data.reduce((sum: number, row: { requests: number }) => sum + row.requests, 0)
    await expect
      .poll(async () => (await gateway.api('GET', '/requests?limit=1')).body.data[0]?.state, { timeout: RECOVERY })
      .not.toBe('reserved')
    const before = await spent()
    const [{ written }] = (await sql('SELECT pg_current_wal_lsn() AS written')).rows
    const arrived = async () => (await sql(`SELECT pg_last_wal_replay_lsn() >= '${written}' AS done`, standby.url)).rows[0].done
    await expect.poll(arrived, { timeout: RECOVERY }).toBe(true)
    await server.stop('immediate')
    way.leadTo(standby.url)
    await isRefusedEverywhere(gateway)
    await standby.promote()
    await serves(gateway)
    await expect.poll(spent, { timeout: RECOVERY }).toBeGreaterThan(before)
  })
})
