import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { type ApiAnswer, startGateway, type TestGateway } from '../support/gateway.ts'

let gateway: TestGateway
let provider: FakeProvider
beforeAll(async () => {
  provider = await startFakeProvider({ body: { data: [] } })
  gateway = await startGateway({
    config: { 'gateway.yaml': 'tenant_endpoints: [together]\n' },
    providers: { openai: `${provider.origin}/v1`, minimax: `${provider.origin}/minimax/v1` },
  })
})
afterAll(async () => {
  await gateway.stop()
  await provider.close()
})

const CANARY = 'sk-canary-7Qm2xV9bT4hK8wLzR1'
const codeOf = ({ status, body }: ApiAnswer) => ({ status, code: body.error?.code, param: body.error?.param })

let slug = ''
let tenants = 0
const keys = (path = '') => `/tenants/${slug}/provider-keys${path}`
beforeEach(async () => {
  slug = `tenant-${++tenants}`
  await gateway.api('POST', '/tenants', { slug, plan: 'team', id: `id-${tenants}` })
})

/** As somebody would in SQL; the next admin call sees it, since the store looks again within its poll. */
async function byHand(rows: Readonly<Record<string, string>>): Promise<void> {
  for (const row of Object.entries(rows)) {
    await gateway.state.sql('INSERT INTO tenant_settings (tenant_id, setting_key, setting_value) VALUES (?, ?, ?)', `id-${tenants}`, ...row)
  }
  const seen = async () => {
    const { data, unclaimed } = (await gateway.api('GET', keys())).body
    return data.length + unclaimed.length
  }
  await expect.poll(seen, { timeout: 2_000 }).toBeGreaterThan(0)
}

describe('a provider key', () => {
  it('is sealed into the canonical row, and told of by its last digits alone', async () => {
    const { status, body } = await gateway.api('PUT', keys('/openai'), { key: CANARY })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      provider: 'openai',
      setting_key: 'OPENAI_API_KEY',
      via: 'canonical',
      last4: CANARY.slice(-4),
      fingerprint: expect.stringMatching(/^[0-9a-f]{8}$/),
      status: 'usable',
      form: 'sealed',
      shadows: [],
      notes: [],
    })
    expect((await gateway.api('GET', keys())).body.data).toEqual([expect.objectContaining({ provider: 'openai', last4: CANARY.slice(-4) })])
  })

  it('is what the provider is sent', async () => {
    await gateway.api('PUT', keys('/openai'), { key: CANARY })
    expect((await gateway.api('POST', keys('/openai/test'))).body).toMatchObject({
      verdict: 'good',
      upstream_status: 200,
      status: 'usable',
    })
    expect(provider.journal.at(-1)?.headers['authorization']).toBe(`Bearer ${CANARY}`)
  })

  it('loses the blanks around it, and says so', async () => {
    const { body } = await gateway.api('PUT', keys('/openai'), { key: `  ${CANARY}\r\n` })
    expect(body).toMatchObject({ last4: CANARY.slice(-4), notes: ['Blanks around the key were taken off.'] })
    await gateway.api('POST', keys('/openai/test'))
    expect(provider.journal.at(-1)?.headers['authorization']).toBe(`Bearer ${CANARY}`)
  })

  it.each([
    ['a blank inside', { key: 'sk-one sk-two' }],
    ['a line break inside', { key: 'sk-one\nx-evil: 1' }],
    ['a character nobody sees', { key: 'sk-one\u200bsk-two' }],
    ['nothing but blanks', { key: ' \t ' }],
    ['another system’s envelope', { key: 'vault:v1:8SDd3WHDOjf7mq69CyCqYjBXAiQQAVZRkFM13ok481zoCmHnSeDX9vyf7w==' }],
    ['an envelope of ours', { key: 'tg1:x:y:z' }],
    ['fields dressed up as a key', { key: '{"key":"sk-x","endpoint":"http://169.254.169.254"}' }],
    ['fields without a key', { fields: { region: 'cn' } }],
    ['a key and fields', { key: 'sk-x', fields: { key: 'sk-y' } }],
    ['neither', {}],
  ])('is refused with %s, and nothing is stored', async (_, body) => {
    const answer = await gateway.api('PUT', keys('/openai'), body)
    expect(codeOf(answer)).toMatchObject({ status: 400, code: 'invalid_value' })
    expect((await gateway.api('GET', keys('/openai'))).body.status).toBe('missing')
  })

  it('may name a region its vendor has, and no other', async () => {
    expect((await gateway.api('PUT', keys('/minimax'), { key: CANARY, region: 'cn' })).body).toMatchObject({ status: 'usable' })
    expect(codeOf(await gateway.api('PUT', keys('/minimax'), { key: CANARY, region: 'mars' }))).toMatchObject({
      status: 400,
      param: 'region',
    })
    expect(codeOf(await gateway.api('PUT', keys('/openai'), { fields: { key: CANARY, region: 'cn' } }))).toMatchObject({ param: 'region' })
  })

  it.each([
    ['openai', 'https://llm.example.com/v1', 'for a provider the operator does not list'],
    ['openai', 'http://169.254.169.254/', 'for a provider the operator does not list'],
  ])('brings no endpoint to %s: %s', async (id, endpoint) => {
    for (const body of [{ key: CANARY, endpoint }, { fields: { key: CANARY, endpoint } }]) {
      expect(codeOf(await gateway.api('PUT', keys(`/${id}`), body))).toEqual({
        status: 400,
        code: 'base_url_not_allowed',
        param: 'endpoint',
      })
    }
  })

  it('brings one to a provider the operator lists, past the egress guard', async () => {
    const put = (endpoint: string) => gateway.api('PUT', keys('/together'), { key: CANARY, endpoint })
    expect((await put('https://llm.example.com/v1/')).body).toMatchObject({ status: 'usable', form: 'sealed' })
    const { body } = await gateway.api('GET', `/audit?tenant=${slug}&limit=1`)
    expect(body.data[0].detail).toMatchObject({ endpoint: 'https://llm.example.com/v1', fields: ['key', 'endpoint'] })
    for (const endpoint of ['http://llm.example.com/v1', 'https://169.254.169.254/', 'https://localhost/', 'https://a@b.example.com/']) {
      expect(codeOf(await put(endpoint))).toMatchObject({ status: 400, code: 'base_url_not_allowed' })
    }
  })

  it('is for a provider there is: by its id or a former one', async () => {
    expect((await gateway.api('PUT', keys('/minimax_2_7'), { key: CANARY })).body).toMatchObject({ provider: 'minimax', via: 'canonical' })
    expect(codeOf(await gateway.api('PUT', keys('/nobody'), { key: CANARY }))).toMatchObject({ status: 404, code: 'not_found' })
    expect(codeOf(await gateway.api('PUT', keys('/demo'), { key: CANARY }))).toMatchObject({ status: 400, code: 'invalid_value' })
  })
})

describe('rows of older names', () => {
  it('are shadowed by a key that is stored, and all removed together, each by name', async () => {
    await byHand({ MINIMAX_2_7_API_KEY: 'sk-legacy-0123456789abcdef' })
    expect((await gateway.api('GET', keys('/minimax'))).body).toMatchObject({
      via: 'legacy',
      setting_key: 'MINIMAX_2_7_API_KEY',
      form: 'plain',
    })
    const { body: stored } = await gateway.api('PUT', keys('/minimax'), { key: CANARY })
    expect(stored).toMatchObject({ via: 'canonical', shadows: ['MINIMAX_2_7_API_KEY'] })
    const { body: planned } = await gateway.api('DELETE', keys('/minimax?dry_run=true'))
    expect(planned).toEqual({ provider: 'minimax', removed: ['MINIMAX_API_KEY', 'MINIMAX_2_7_API_KEY'], dry_run: true })
    expect((await gateway.api('GET', keys('/minimax'))).body.status).toBe('usable')
    expect((await gateway.api('DELETE', keys('/minimax'))).body).toEqual({ ...planned, dry_run: false })
    expect((await gateway.api('GET', keys('/minimax'))).body.status).toBe('missing')
    expect(codeOf(await gateway.api('DELETE', keys('/minimax')))).toMatchObject({ status: 404, code: 'not_found' })
  })

  it('move to their canonical names, and are sealed, when asked', async () => {
    await byHand({ MINIMAX_2_7_API_KEY: 'sk-legacy-0123456789abcdef', COLOUR: 'blue' })
    const moves = [{ from: 'MINIMAX_2_7_API_KEY', to: 'MINIMAX_API_KEY' }]
    expect((await gateway.api('POST', keys('/migrate?dry_run=true'))).body).toEqual({ moves, kept: [], dry_run: true })
    expect((await gateway.api('GET', keys('/minimax'))).body.via).toBe('legacy')
    expect((await gateway.api('POST', keys('/migrate'))).body).toEqual({ moves, kept: [], dry_run: false })
    expect((await gateway.api('GET', keys('/minimax'))).body).toMatchObject({ via: 'canonical', form: 'plain', last4: 'cdef' })
    expect((await gateway.api('POST', keys('/seal'))).body).toEqual({ sealed: ['MINIMAX_API_KEY'] })
    expect((await gateway.api('GET', keys('/minimax'))).body).toMatchObject({ form: 'sealed', last4: 'cdef' })
    expect((await gateway.api('GET', keys())).body.unclaimed).toEqual([expect.objectContaining({ setting_key: 'COLOUR' })])
  })
})

describe('a key that is bad', () => {
  it("is told so in the provider's own words, without the key that they repeat", async () => {
    await gateway.api('PUT', keys('/openai'), { key: CANARY })
    provider.answer({ status: 401, body: { error: { message: `Incorrect API key provided: ${CANARY}`, code: 'invalid_api_key' } } })
    const { body } = await gateway.api('POST', keys('/openai/test'))
    provider.answer({ body: { data: [] } })
    expect(body).toMatchObject({ verdict: 'bad', upstream_status: 401, words: expect.stringContaining('Incorrect API key provided') })
    expect(JSON.stringify(body)).not.toContain(CANARY)
  })

  it('is not asked about where there is none', async () => {
    expect(codeOf(await gateway.api('POST', keys('/openai/test')))).toMatchObject({ status: 404, code: 'not_found' })
  })
})

describe('no answer of any route', () => {
  it('holds a provider key, nor does the log, the audit or the database', async () => {
    await gateway.api('PUT', keys('/openai'), { key: CANARY })
    await gateway.api('POST', keys('/openai/test'))
    const asked = [
      keys(),
      keys('/openai'),
      `/tenants/${slug}`,
      `/explain?tenant=${slug}&model=openai/gpt-5-mini`,
      '/audit?limit=1000',
      '/doctor',
    ]
    const answers = await Promise.all(asked.map((path) => gateway.api('GET', path)))
    answers.push(await gateway.api('POST', keys('/openai/diagnose')), await gateway.api('DELETE', keys('/openai?dry_run=true')))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    const texts = [
      ...answers.map(({ body, headers }) => JSON.stringify([body, [...headers]])),
      ...gateway.log,
      ...gateway.printed,
      ...Object.values(await gateway.state.stored()),
    ]
    const spellings = [CANARY, Buffer.from(CANARY).toString('base64').slice(0, 30), Buffer.from(CANARY).toString('hex')]
    expect(spellings.filter((spelling) => texts.some((text) => text.includes(spelling)))).toEqual([])
  })
})
