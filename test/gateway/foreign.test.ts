import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CommandLine, commandLine } from '../support/command-line.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { dropDatabase, missing, query, url } from '../support/postgres.ts'

// A gateway pointed at the database that an installation already has, with its tenants and their settings in it.

const CONFIG = `
tenants_from:
  table: accounts
  columns: { id: uuid, slug: handle, plan: tier }
  values: { plan: { gold: enterprise }, status: { live: active } }
settings_from:
  table: account_settings
  columns: { tenant_id: account }
`

const ID = '6f1d3a52-9f5e-4c05-8b49-0d8f7d3b1c11'

describe.skipIf(missing)(`a gateway over the database that is there${missing ? `, skipped: ${missing}` : ''}`, () => {
  const name = `tollgate_test_${randomBytes(6).toString('hex')}`
  const address = Object.assign(new URL(url), { pathname: `/${name}` }).href
  const env = { DATABASE_URL: address, TOLLGATE_MASTER_KEYS: `k1:${randomBytes(32).toString('base64')}` }
  const cli: CommandLine = commandLine({ 'gateway.yaml': CONFIG })
  let gateway: TestGateway
  let key: string

  const sql = async (text: string) => {
    const client = new pg.Client({ connectionString: address })
    await client.connect()
    return client.query(text).finally(() => client.end())
  }
  const ask = async (model = 'demo/echo') =>
    gateway.call('POST', '/v1/chat/completions', { key, body: { model, messages: [{ role: 'user', content: 'one two three' }] } })

  beforeAll(async () => {
    await query(`CREATE DATABASE ${name}`)
    await sql(`CREATE TABLE accounts (uuid uuid PRIMARY KEY, handle text UNIQUE, tier text, status text);
      CREATE TABLE account_settings (account uuid, setting_key text, setting_value text, PRIMARY KEY (account, setting_key));
      INSERT INTO accounts VALUES ('${ID}', 'acme', 'gold', 'live');
      INSERT INTO account_settings VALUES ('${ID}', 'OPENAI_API_KEY', 'sk-canary-0123456789abcdef')`)
    const printed = await cli.run(['db', 'trigger'], { env })
    expect(printed).toMatchObject({ code: 0, err: '' })
    await sql(printed.out)
    gateway = await startGateway({ env, config: { 'gateway.yaml': CONFIG } })
    key = (await gateway.api('POST', '/tenants/acme/keys', {})).body.key
  }, 60_000)
  afterAll(async () => {
    await gateway?.stop()
    await dropDatabase(name)
    cli.remove()
  })

  it('serves its tenants, books what they spend, and names them', async () => {
    expect((await ask()).status).toBe(200)
    await expect.poll(async () => (await gateway.api('GET', '/usage?tenant=acme')).body.data.length, { timeout: 2_000 }).toBe(1)
    expect((await gateway.api('GET', '/tenants')).body.data).toMatchObject([{ id: ID, slug: 'acme', plan: 'enterprise', status: 'active' }])
    const keys = (await gateway.api('GET', '/tenants/acme/provider-keys')).body
    expect(JSON.stringify(keys)).toContain('cdef')
    expect(JSON.stringify(keys)).not.toContain('canary')
  })

  it('refuses with 409 what would write there, and says where to', async () => {
    const refused = async (method: string, path: string, body?: object) => {
      const { status, body: answer } = await gateway.api(method, path, body)
      return [status, answer.error?.code, answer.error?.message.match(/public\.\w+/)?.[0]]
    }
    expect(await refused('POST', '/tenants', { slug: 'new', plan: 'free' })).toEqual([409, 'store_read_only', 'public.accounts'])
    expect(await refused('PATCH', '/tenants/acme', { plan: 'free' })).toEqual([409, 'store_read_only', 'public.accounts'])
    expect(await refused('PATCH', '/tenants/acme', { status: 'suspended' })).toEqual([409, 'store_read_only', 'public.accounts'])
    expect(await refused('DELETE', '/tenants/acme')).toEqual([409, 'store_read_only', 'public.accounts'])
    const theirs = [409, 'store_read_only', 'public.account_settings']
    expect(await refused('PUT', '/tenants/acme/provider-keys/groq', { key: 'gsk_0123456789abcdef0123' })).toEqual(theirs)
    expect(await refused('DELETE', '/tenants/acme/provider-keys/openai')).toEqual(theirs)
    const seal = await cli.run(['provider-keys', 'seal', 'acme'], { env })
    expect(seal).toMatchObject({ code: 1, err: expect.stringContaining('public.account_settings') })
  })

  it('lays overrides of its own over their plans', async () => {
    expect((await gateway.api('PATCH', '/tenants/acme', { overrides: { models: ['economy'] } })).status).toBe(200)
    expect((await ask('demo/frontier')).status).toBe(403)
    expect((await gateway.api('PATCH', '/tenants/acme', { overrides: null })).body.overrides).toBeNull()
    expect((await ask('demo/frontier')).status).toBe(200)
  })

  it('takes over within a second what their own program changes', async () => {
    await sql(`UPDATE accounts SET tier = 'free'`)
    await expect.poll(async () => (await ask('demo/frontier')).body.error?.code, { timeout: 1_000 }).toBe('model_not_in_plan')
    await sql(`UPDATE accounts SET tier = 'gold', status = 'left'`)
    await expect.poll(async () => (await ask()).body.error?.code, { timeout: 1_000 }).toBe('tenant_suspended')
    await sql(`UPDATE accounts SET status = 'live'; DELETE FROM account_settings`)
    await expect.poll(async () => (await gateway.api('GET', '/tenants/acme/provider-keys')).body.data, { timeout: 1_000 }).toEqual([])
    expect((await ask()).status).toBe(200)
  })

  it('has commands that tell how it stands, and what does not fit', { timeout: 30_000 }, async () => {
    expect((await cli.run(['db', 'status', '--json'], { env })).json()).toMatchObject({
      ...{ tenants_from: 'public.accounts', settings_from: 'public.account_settings', row_security: true, tenants: 1 },
    })
    expect(await cli.run(['config', 'check'], { env })).toMatchObject({ code: 0 })
    const wrong = commandLine({ 'gateway.yaml': CONFIG.replace('slug: handle', 'slug: nickname') })
    for (const words of [['config', 'check'], ['serve'], ['doctor']]) {
      expect(await wrong.run(words, { env: { ...env, PORT: '0' } })).toMatchObject({
        code: 1,
        err: expect.stringMatching(
          /^gateway\.yaml:4 tenants_from\.columns\.slug: The table public\.accounts has no column nickname; it has/,
        ),
      })
    }
    expect(await wrong.run(['config', 'check'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^gateway\.yaml:2 tenants_from: .*DATABASE_URL/),
    })
    wrong.remove()
  })

  it('erases what is ours and tells that theirs stays', async () => {
    const { status, body } = await gateway.api('DELETE', '/tenants/acme?erase=true')
    expect(status).toBe(200)
    expect(body.receipt).toContainEqual({ table: 'public.accounts', removed: 0, pseudonymised: 0, kept: 1 })
    expect((await ask()).status).toBe(401)
    expect((await gateway.api('GET', '/tenants/acme')).body).toMatchObject({ id: ID, overrides: null })
    expect((await sql('SELECT * FROM accounts')).rows).toEqual([{ uuid: ID, handle: 'acme', tier: 'gold', status: 'live' }])
  })
})
