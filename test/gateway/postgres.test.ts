import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CommandLine, commandLine } from '../support/command-line.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { missing } from '../support/postgres.ts'
import { type State, sharedState } from '../support/state.ts'

// Two gateways over one database of their own, as two replicas are.

describe.skipIf(missing)(`gateways over PostgreSQL${missing ? `, skipped: ${missing}` : ''}`, () => {
  let state: State
  let address: URL
  let [one, two]: TestGateway[] = []
  let cli: CommandLine

  beforeAll(async () => {
    cli = commandLine()
    state = await sharedState()
    address = new URL(state.env['DATABASE_URL'] ?? '')
    ;[one, two] = await Promise.all([startGateway({ state }), startGateway({ state })])
  })
  afterAll(async () => {
    await Promise.all([one?.stop(), two?.stop()])
    await state.drop()
    cli.remove()
  })

  const ask = (gateway: TestGateway | undefined, key: string) =>
    gateway?.call('POST', '/v1/chat/completions', {
      key,
      body: { model: 'demo/echo', messages: [{ role: 'user', content: 'one two three' }] },
    })

  it('say where their state is', () => {
    expect(one?.printed.join('\n')).toContain(`PostgreSQL at ${address.host}`)
    expect(one?.printed.join('\n')).not.toContain('SQLite')
  })

  it('know within a second whom the other one made and revoked, and book what both were asked', async () => {
    const { slug, key } = (await one?.tenant('acme', 'enterprise')) ?? { slug: '', key: '' }
    await expect.poll(async () => (await ask(two, key))?.status, { timeout: 1_000 }).toBe(200)
    expect((await ask(one, key))?.status).toBe(200)
    const { data } = (await two?.api('GET', `/tenants/${slug}/keys`))?.body ?? {}
    const usage = await two?.api('GET', `/usage?tenant=${slug}`)
    expect(usage?.body.data.reduce((sum: number, { requests }: { requests: number }) => sum + requests, 0)).toBeGreaterThanOrEqual(2)
    await two?.api('DELETE', `/tenants/${slug}/keys/${data[0].id}`)
    await expect.poll(async () => (await ask(one, key))?.status, { timeout: 1_000 }).toBe(401)
  })

  it('share provider keys that one of them sealed', async () => {
    const { slug } = (await one?.tenant('sealed', 'enterprise')) ?? { slug: '' }
    await one?.api('PUT', `/tenants/${slug}/provider-keys/openai`, { key: 'sk-canary-0123456789abcdef' })
    const listed = async () => JSON.stringify((await two?.api('GET', `/tenants/${slug}/provider-keys`))?.body)
    await expect.poll(listed, { timeout: 1_000 }).toContain('cdef')
    expect(await listed()).not.toContain('canary')
  })

  it('have books that the command line verifies, and a database that it describes', { timeout: 30_000 }, async () => {
    const { env } = state
    expect((await cli.run(['db', 'status', '--json'], { env })).json()).toMatchObject({
      engine: 'postgres',
      path: `${address.pathname.slice(1)}.tollgate`,
      synchronous: 'on',
      tenants: 2,
    })
    expect(await cli.run(['db', 'migrate'], { env })).toMatchObject({ code: 0, out: expect.stringContaining('up to date') })
    expect(await cli.run(['ledger', 'verify'], { env })).toMatchObject({ code: 0 })
    expect(await cli.run(['db', 'backup', 'copy.db'], { env })).toMatchObject({ code: 1, err: expect.stringContaining('pg_dump') })
  })

  it('start only with the master keys that sealed it, and say so', { timeout: 30_000 }, async () => {
    const { DATABASE_URL = '' } = state.env
    const without = await cli.run(['serve'], { env: { DATABASE_URL, PORT: '0' } })
    expect(without).toMatchObject({ code: 1, err: expect.stringContaining('TOLLGATE_MASTER_KEYS') })
    const other = `k1:${randomBytes(32).toString('base64')}`
    const wrong = await cli.run(['serve'], { env: { DATABASE_URL, PORT: '0', TOLLGATE_MASTER_KEYS: other } })
    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('another master key') })
  })
})
