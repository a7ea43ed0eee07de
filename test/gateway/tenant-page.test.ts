import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tenantPageRoutes } from '../../src/http/tenant-page/app.ts'
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { type ApiAnswer, startGateway, type TestGateway } from '../support/gateway.ts'

const CANARY = 'sk-tenants-own-4Hd8sK2mQ7xZ1vB6'
const PLATFORM = 'sk-platform-9Ww3eR5tY7uI1oP0'
const ANSWER = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-5-mini',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1000, completion_tokens: 500, total_tokens: 1500 },
}

let gateway: TestGateway
let provider: FakeProvider
beforeAll(async () => {
  provider = await startFakeProvider({ body: ANSWER })
  gateway = await startGateway({ env: { OPENAI_API_KEY: PLATFORM }, providers: { openai: `${provider.origin}/v1` } })
})
afterAll(async () => {
  await gateway.stop()
  await provider.close()
})

const codeOf = ({ status, body }: ApiAnswer) => ({ status, code: body.error?.code })

/** A call with the tenant's key, held to what its route promises. */
async function own(key: string, ...[method, path, body]: [method: string, path: string, body?: unknown]): Promise<ApiAnswer> {
  const answer = await gateway.call(method, path, { key, ...(body !== undefined && { body }) })
  const plain = path.replace(/\?.*$/, '').replace(/^(\/t\/[^/]+)?(\/v1)?/, '')
  const route = tenantPageRoutes.find(
    (one) => one.method === method && new RegExp(`^${one.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(plain),
  )
  if (route && answer.status < 300) route.answer.parse(answer.body)
  return answer
}

const chat = (key: string) =>
  gateway.call('POST', '/v1/chat/completions', { key, body: { model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hi' }] } })

let tenants = 0
const newTenant = (plan: string, overrides?: object) => gateway.tenant(`page-${++tenants}`, plan, overrides)

describe('the key', () => {
  it('tells its plan and what is left of the limits', async () => {
    const { slug, key } = await newTenant('team')
    await chat(key)
    const { body } = await own(key, 'GET', '/v1/key')
    expect(body).toMatchObject({ kind: 'tenant', tenant: slug, plan: 'team', plan_known: true, byok: true })
    expect(body.limits).toMatchObject({ requests: { limit: 300, remaining: 299 }, tokens: { limit: 2_000_000 }, concurrency: 32 })
    expect(body.limits.budget).toMatchObject({ limit_usd: '500', per: 'month', resets_at: expect.any(String) })
    expect(Number(body.limits.budget.used_usd)).toBeGreaterThan(0)
  })

  it('tells of unlimited as null, and of a plan nobody defines', async () => {
    const { key } = await newTenant('enterprise')
    expect((await own(key, 'GET', '/v1/key')).body.limits).toEqual({ requests: null, tokens: null, concurrency: null, budget: null })
  })

  it('is answered with and without /v1, and below the tenant', async () => {
    const { slug, id, key } = await newTenant('team')
    const paths = ['/v1/key', '/key', `/t/${slug}/v1/key`, `/t/${id}/key`]
    const answers = await Promise.all(paths.map((path) => own(key, 'GET', path)))
    expect(answers.map(({ status, body }) => [status, body.tenant])).toEqual(paths.map(() => [200, slug]))
    const { slug: other } = await newTenant('team')
    expect(codeOf(await own(key, 'GET', `/t/${other}/v1/key`))).toEqual({ status: 403, code: 'tenant_mismatch' })
  })
})

describe('own provider keys', () => {
  it('are stored, used, tested, shown and removed by the tenant itself', async () => {
    const { slug, key } = await newTenant('team')
    expect((await own(key, 'PUT', '/v1/provider-keys/openai', { key: CANARY })).body).toMatchObject({
      via: 'canonical',
      last4: CANARY.slice(-4),
    })
    const answer = await chat(key)
    expect([answer.status, answer.headers.get('x-tollgate-key-source')]).toEqual([200, 'tenant'])
    expect(provider.journal.at(-1)?.headers['authorization']).toBe(`Bearer ${CANARY}`)
    expect((await own(key, 'POST', '/v1/provider-keys/openai/test')).body).toMatchObject({ verdict: 'good' })
    expect((await own(key, 'GET', '/v1/provider-keys')).body.data).toMatchObject([{ provider: 'openai', status: 'usable' }])
    expect((await own(key, 'DELETE', '/v1/provider-keys/openai')).body).toEqual({
      provider: 'openai',
      removed: ['OPENAI_API_KEY'],
      dry_run: false,
    })
    expect((await own(key, 'GET', '/v1/provider-keys/openai')).body).toMatchObject({ status: 'missing', last4: null })
    const { body } = await gateway.api('GET', `/audit?tenant=${slug}`)
    const actions = body.data.map(({ action }: { action: string }) => action)
    expect(actions).toEqual(expect.arrayContaining(['provider_key.set', 'provider_key.test', 'provider_key.remove']))
    expect(body.data.find(({ action }: { action: string }) => action === 'provider_key.set').actor).toMatch(/^tenant key /)
  })

  it('are not taken from a tenant whose plan never uses them', async () => {
    const { slug, key } = await newTenant('free')
    expect(codeOf(await own(key, 'PUT', '/v1/provider-keys/openai', { key: CANARY }))).toEqual({ status: 403, code: 'byok_not_in_plan' })
    expect((await gateway.api('PUT', `/tenants/${slug}/provider-keys/openai`, { key: CANARY })).status).toBe(200)
    expect((await own(key, 'DELETE', '/v1/provider-keys/openai')).status).toBe(200)
  })

  it("are stored for a tenant by the app's backend, with a service key", async () => {
    const { slug } = await newTenant('team')
    const { body: service } = await gateway.api('POST', '/service-keys', { tenants: [slug], scopes: ['provider_keys'] })
    const put = await gateway.call('PUT', '/v1/provider-keys/openai', {
      key: service.key,
      headers: { 'x-tenant-id': slug },
      body: { key: CANARY },
    })
    expect(put.status).toBe(200)
    expect((await gateway.api('GET', `/tenants/${slug}/provider-keys/openai`)).body.status).toBe('usable')
  })

  it('change nothing else: plan, limits and status are not for the tenant to send', async () => {
    const { key } = await newTenant('team')
    for (const extra of ['plan', 'status', 'overrides', 'tenant_id']) {
      const answer = await own(key, 'PUT', '/v1/provider-keys/openai', { key: CANARY, [extra]: 'enterprise' })
      expect(codeOf(answer)).toEqual({ status: 400, code: 'invalid_value' })
    }
  })
})

describe('usage and requests', () => {
  it('are shown as far as the plan exposes them', async () => {
    const shown = async (expose: string) => {
      const { key } = await newTenant('team', { expose })
      const id = (await chat(key)).headers.get('x-request-id')
      const { body } = await own(key, 'GET', `/v1/requests/${id}`)
      const { body: usage } = await own(key, 'GET', '/v1/usage')
      return { attempt: Object.keys(body.attempts[0]), total: Object.keys(usage.total) }
    }
    const money = ['charge_usd', 'cost_usd', 'fingerprint', 'lines', 'price_snapshot']
    const seen = (keys: string[]) => money.filter((name) => keys.includes(name))
    const [none, basic, full] = await Promise.all(['none', 'basic', 'full'].map(shown))
    expect([none, basic, full].map((one) => seen(one!.attempt))).toEqual([[], ['charge_usd'], money])
    expect([none, basic, full].map((one) => seen(one!.total))).toEqual([[], ['charge_usd'], ['charge_usd', 'cost_usd']])
  })

  it('show what a request came to, and why it was let through', async () => {
    const { slug, key } = await newTenant('team')
    await own(key, 'PUT', '/v1/provider-keys/openai', { key: CANARY })
    const id = (await chat(key)).headers.get('x-request-id')
    const { body } = await own(key, 'GET', `/v1/requests/${id}`)
    expect(body.attempts).toMatchObject([
      {
        provider: 'openai',
        wire_model: 'gpt-5-mini',
        key_source: 'tenant',
        state: 'settled',
        status: 200,
        usage: { input: 1000, output: 500 },
        charge_usd: '0',
      },
    ])
    const { body: why } = await own(key, 'GET', `/v1/requests/${id}/explain`)
    expect(why.because).toBe(
      `Plan team let ${slug} use openai/gpt-5-mini; its own key paid (found as canonical). The first attempt was answered with 200.`,
    )
    expect((await gateway.api('GET', `/requests/${id}`)).body.attempts[0]).toMatchObject({ config: why.config })
    expect((await gateway.api('GET', `/requests/${id}/explain`)).body.because).toBe(why.because)
    expect((await gateway.api('GET', `/requests?tenant=${slug}`)).body.data).toHaveLength(1)
  })

  it("are never another tenant's: its request is as good as none", async () => {
    const { key } = await newTenant('team')
    const { key: foreign } = await newTenant('team')
    const id = (await chat(key)).headers.get('x-request-id')
    const [theirs, nobodys] = await Promise.all([own(foreign, 'GET', `/v1/requests/${id}`), own(foreign, 'GET', '/v1/requests/req_none')])
    expect(theirs.status).toBe(404)
    expect({ ...theirs.body.error, metadata: {} }).toEqual({ ...nobodys.body.error, metadata: {} })
    expect((await own(foreign, 'GET', '/v1/usage')).body.total.requests).toBe(0)
  })

  it('add up for the operator, over pages too', async () => {
    const { slug, key } = await newTenant('team')
    for (let sent = 0; sent < 3; sent++) await chat(key)
    const first = await gateway.api('GET', `/requests?tenant=${slug}&limit=2`)
    const second = await gateway.api('GET', `/requests?tenant=${slug}&limit=2&cursor=${first.body.next_cursor}`)
    expect([first.body.data.length, second.body.data.length, second.body.next_cursor]).toEqual([2, 1, null])
    const { body } = await gateway.api('GET', `/usage?tenant=${slug}`)
    expect(body.total).toMatchObject({ requests: 3, input_tokens: 3000, output_tokens: 1500, unpriced: 0 })
    expect(body.data).toMatchObject([{ tenant: slug, provider: 'openai', wire_model: 'gpt-5-mini', key_source: 'platform' }])
    expect((await gateway.api('GET', '/usage?from=2020-02-01T00:00:00Z&to=2020-01-01T00:00:00Z')).status).toBe(400)
  })
})

describe('no answer on the page', () => {
  it("holds a key, the tenant's or the platform's", async () => {
    const { key } = await newTenant('team', { expose: 'full' })
    const id = (await chat(key)).headers.get('x-request-id')
    await own(key, 'PUT', '/v1/provider-keys/openai', { key: CANARY })
    const paths = tenantPageRoutes
      .filter(({ method }) => method === 'GET')
      .map(({ path }) => path.replace('{provider}', 'openai').replace('{id}', `${id}`))
    const answers = await Promise.all([
      ...paths.map((path) => own(key, 'GET', `/v1${path}`)),
      own(key, 'POST', '/v1/provider-keys/openai/test'),
    ])
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    const texts = [...answers.map(({ body, headers }) => JSON.stringify([body, [...headers]])), ...gateway.log]
    expect([CANARY, PLATFORM, key].filter((secret) => texts.some((text) => text.includes(secret)))).toEqual([])
  })
})

describe('the figures of operation', () => {
  it('are for an admin key of scope metrics', async () => {
    const { key } = await newTenant('team')
    const { body: without } = await gateway.api('POST', '/admin-keys', { scopes: ['config'] })
    const { body: scoped } = await gateway.api('POST', '/admin-keys', { scopes: ['metrics'] })
    const statuses = await Promise.all(
      [undefined, key, without.key, scoped.key].map(
        async (one) => (await gateway.call('GET', '/metrics', one === undefined ? {} : { key: one })).status,
      ),
    )
    expect(statuses).toEqual([401, 403, 403, 200])
  })

  it('lie open on a listener of their own, with the admin API, and apps are not served there', async () => {
    const apart = await startGateway({ env: { ADMIN_ADDR: '127.0.0.1:0' } })
    const get = async (base: string, path: string) => (await fetch(base + path)).status
    try {
      expect(apart.adminUrl).not.toBe(apart.url)
      expect(await get(apart.adminUrl, '/metrics')).toBe(200)
      expect(await get(apart.adminUrl, '/admin/v1/tenants')).toBe(401)
      expect(await get(apart.adminUrl, '/v1/models')).toBe(404)
      expect(await get(apart.url, '/admin/v1/tenants')).toBe(404)
      expect(await get(apart.url, '/metrics')).toBe(404)
      expect((await apart.api('GET', '/tenants')).status).toBe(200)
    } finally {
      await apart.stop()
    }
  })
})
