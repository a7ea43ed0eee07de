import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CommandLine, commandLine } from '../support/command-line.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { MARK, NO_MARK } from '../support/state.ts'
import { someStart } from '../support/stores.ts'

// What was used, told apart by whatever is asked, over the real API and the real command line.

let gateway: TestGateway
let cli: CommandLine
let acme: { id: string; key: string }
let rival: { id: string; key: string }
let second: { id: string; key: string }

beforeAll(async () => {
  gateway = await startGateway()
  cli = commandLine()
  acme = await gateway.tenant('acme', 'team', { providers: ['demo'] })
  rival = await gateway.tenant('rival', 'team', { providers: ['demo'] })
  second = (await gateway.api('POST', '/tenants/acme/keys', {})).body
  for (const [key, tags] of [
    [acme.key, 'night,=2+3'],
    [acme.key, 'night'],
    [second.key, ''],
    [rival.key, 'day'],
  ] as const) {
    const body = { model: 'demo/echo', messages: [{ role: 'user', content: 'Hello' }] }
    const { status } = await gateway.call('POST', '/v1/chat/completions', { key, body, headers: tags ? { 'x-tollgate-tags': tags } : {} })
    expect(status).toBe(200)
  }
})
afterAll(async () => {
  await gateway.stop()
  cli.remove()
})

const beside = (words: readonly string[]) => cli.run(words, { env: { ...gateway.state.env, TOLLGATE_CONFIG: gateway.configFolder } })

const usage = async (query: string) => (await gateway.api('GET', `/usage?${query}`)).body

type Told = Record<string, unknown>
const told = (rows: Told[], ...names: string[]) => rows.map((row) => names.map((name) => row[name]))

describe('usage by dimension', () => {
  it('adds up to the same total from the rows of the books and from the hourly sums', async () => {
    const { total, data } = await usage('')
    expect(total.requests).toBe(4)
    expect(Object.keys(data[0])).toEqual(expect.arrayContaining(['day', 'tenant', 'provider', 'wire_model', 'key_source']))
    for (const by of ['key', 'tag', 'tenant', 'day,key,tag', 'model,source']) expect((await usage(`by=${by}`)).total, by).toEqual(total)
  })

  it('counts a request under each of its tags, and once in the total', async () => {
    const { data } = await usage('by=tag&tenant=acme')
    expect(told(data, 'tag', 'requests')).toEqual([
      ['=2+3', 1],
      ['night', 2],
      [null, 1],
    ])
    expect(Object.keys(data[0])).not.toContain('tenant')
  })

  it('tells gateway keys and tenants apart', async () => {
    const { data } = await usage('by=tenant,key')
    const count = (name: string) => told(data, 'tenant', 'requests').filter(([tenant]) => tenant === name)
    expect(count('rival')).toEqual([['rival', 1]])
    expect(count('acme').toSorted()).toEqual([
      ['acme', 1],
      ['acme', 2],
    ])
    expect(data.find((row: Told) => row['key_id'] === second.id)).toMatchObject({ tenant: 'acme', tenant_id: acme.id, requests: 1 })
  })

  it('holds what was used in the period alone', async () => {
    for (const by of ['tag', 'model']) {
      expect(await usage(`by=${by}&from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z`)).toMatchObject({ data: [], total: { requests: 0 } })
    }
  })

  it.each(['by=colour', 'by=', 'by=day,day', 'by=day,,tag'])('refuses ?%s', async (query) => {
    const { status, body } = await gateway.api('GET', `/usage?${query}`)
    expect({ status, code: body.error.code }).toEqual({ status: 400, code: 'invalid_value' })
  })

  it('shows a tenant its own, and nobody else’s', async () => {
    const { body } = await gateway.call('GET', '/v1/usage?by=tenant,tag', { key: acme.key })
    expect(told(body.data, 'tenant', 'tag', 'requests')).toEqual([
      ['acme', '=2+3', 1],
      ['acme', 'night', 2],
      ['acme', null, 1],
    ])
    expect(body.total.requests).toBe(3)
  })
})

describe('usage as CSV', () => {
  it.each([
    ['?by=tag&format=csv', 'application/json'],
    ['?by=tag', 'text/csv'],
  ])('comes for %s and Accept: %s', async (query, accept) => {
    const { headers, body } = await gateway.call('GET', `/v1/usage${query}`, { key: acme.key, headers: { accept } })
    expect(headers.get('content-type')).toMatch(/^text\/csv/)
    expect(body.split('\r\n').map((line: string) => line.split(',')[0])).toEqual(['tag', "'=2+3", 'night', ''])
  })

  it('is JSON where that is asked, and nothing else', async () => {
    const headers = { accept: 'text/csv' }
    expect((await gateway.call('GET', '/v1/usage?format=json', { key: acme.key, headers })).body).toHaveProperty('total')
    expect((await gateway.call('GET', '/v1/usage?format=xml', { key: acme.key })).body.error.param).toBe('format')
  })
})

describe('tollgate usage', () => {
  it('lists the dimensions asked for', async () => {
    const { out } = await beside(['usage', '--by', 'tag,model'])
    expect(out).toMatch(/TAG/)
    expect(out).toMatch(/demo|echo/)
    expect(out).toMatch(/\(none\) +1 /)
    expect(out).not.toMatch(/TENANT/)
  })

  it('prints CSV that no spreadsheet runs', async () => {
    const { code, out } = await beside(['usage', '--by', 'tag', '--tenant', 'acme', '--csv'])
    const lines = out.trimEnd().split('\r\n')
    expect(code).toBe(0)
    expect(lines[0]).toBe('tag,requests,input_tokens,output_tokens,charge_usd,cost_usd,unpriced,cached,saved_usd')
    expect(lines.slice(1).map((line) => line.split(',').slice(0, 2))).toEqual([
      ["'=2+3", '1'],
      ['night', '2'],
      ['', '1'],
    ])
    expect((await beside(['usage', '--csv', '--json'])).code).toBe(2)
  })
})

describe('what the body says of a request', () => {
  const sent = async (body: object, headers: Record<string, string> = {}) => {
    const { key, slug } = await gateway.tenant(`said-${Math.floor(performance.now() * 1000)}`, 'team', { providers: ['demo'] })
    const whole = { model: 'demo/echo', messages: [{ role: 'user', content: 'Hello' }], ...body }
    const { status } = await gateway.call('POST', '/v1/chat/completions', { key, body: whole, headers })
    const { data } = (await gateway.api('GET', `/requests?tenant=${slug}`)).body
    return { status, tags: data[0]?.tags, user: data[0]?.user }
  }

  it('counts it under its metadata, name and value, besides the tags of the header', async () => {
    const metadata = { team: 'search', job: 'night', long: 'x'.repeat(200) }
    expect(await sent({ metadata }, { 'x-tollgate-tags': 'a,job:night' })).toMatchObject({ tags: ['a', 'job:night', 'team:search'] })
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`k${at}`, 'v']))
    expect((await sent({ metadata: many })).tags).toHaveLength(16)
  })

  it.each([
    [{ user: 'u1', safety_identifier: 's1', metadata: { user_id: 'm1' } }, 'u1'],
    [{ safety_identifier: 's1', metadata: { user_id: 'm1' } }, 's1'],
    [{ metadata: { user_id: 'm1' } }, 'm1'],
    [{ metadata: 'not an object' }, null],
  ])('knows its user from %j', async (body, user) => {
    expect(await sent(body)).toMatchObject({ tags: [], user })
    expect((await sent(body, { 'x-tollgate-user': 'h1' })).user).toBe('h1')
  })
})

describe('a tenant that asks for much', () => {
  it('is told to ask for less where more than fifty thousand rows would be read, and to wait while it is read', async () => {
    const { id, key } = await gateway.tenant('large', 'team')
    const start = JSON.stringify({ ...someStart('r'), tenant: id, at: Date.now() })
    await gateway.state.sql(
      `INSERT INTO attempts (request_id, attempt, tenant_id, boot, start${MARK})
      WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
      SELECT 'large-' || i, 1, ?, 1, replace(?, '"requestId":"r"', '"requestId":"large-' || i || '"')${NO_MARK} FROM n`,
      ...[id, start],
    )
    const ask = () => gateway.call('GET', '/v1/usage?by=tag', { key })
    const answers = await Promise.all([ask(), ask()])
    expect(answers.map(({ status, body }) => `${status} ${body.error.code}`).toSorted()).toEqual([
      '400 invalid_value',
      '429 concurrency_limit_exceeded',
    ])
    expect((await gateway.call('GET', '/v1/usage', { key })).status).toBe(200)
  })
})

describe('rows that retention deleted', () => {
  it('are told of where usage is read from rows', async () => {
    await gateway.state.sql("INSERT INTO sealed VALUES ('2025-03-01', 1, 1, 0, 0, 0)")
    const since = 'tenant=acme&from=2025-01-01T00:00:00Z'
    expect((await usage(`by=tag&${since}`)).rows_from).toBe('2025-03-02T00:00:00.000Z')
    expect(await usage(`by=model&${since}`)).not.toHaveProperty('rows_from')
    expect(await usage('by=tag&tenant=acme')).not.toHaveProperty('rows_from')
  })
})
