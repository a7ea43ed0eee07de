import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ByHand, until } from '../support/by-hand.ts'
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { type ApiAnswer, startGateway, type TestGateway } from '../support/gateway.ts'
import { completion } from '../support/relayed.ts'

// A tenant on plan `team` kept its key under the name of a provider that was renamed since, and got "No models available". The shipped
// registry, plans and catalogue on a fresh disk, rows written by hand: none of what led there, or to its like, may come again.

let provider: FakeProvider
let gateway: TestGateway
let hand: ByHand
beforeAll(async () => {
  provider = await startFakeProvider({ body: completion() })
  const ids = ['minimax', 'openai', 'anthropic', 'google', 'groq', 'deepseek']
  gateway = await startGateway({
    providers: Object.fromEntries(ids.map((id) => [id, `${provider.origin}/${id}`])),
    env: { DEEPSEEK_API_KEY: 'sk-of-the-platform-deepseek' },
  })
  hand = new ByHand(gateway)
})
afterAll(async () => {
  await gateway.stop()
  await provider.close()
})
afterEach(() => {
  provider.journal.length = 0
})

const ask = (
  key: string,
  model: string,
  { headers = {}, ...more }: { headers?: Record<string, string>; [field: string]: unknown } = {},
): Promise<ApiAnswer> =>
  gateway.call('POST', '/v1/chat/completions', { key, headers, body: { model, messages: [{ role: 'user', content: 'Hello' }], ...more } })

const settings = () => hand.rows('SELECT * FROM tenant_settings ORDER BY 1, 2')
const keySent = () => provider.journal.at(-1)?.headers['authorization']

describe('the incident', () => {
  const KEY = 'sk-minimax-of-brennan-0001'

  it('is over: a key under the retired name serves, says so everywhere, and no row changes', async () => {
    const brennan = await hand.tenant('brennan', 'team')
    const before = await ask(brennan.key, 'minimax/MiniMax-M2.7')
    expect({ status: before.status, code: before.body.error.code, sent: provider.journal.length }).toEqual({
      status: 403,
      code: 'credential_missing',
      sent: 0,
    })

    await hand.setting(brennan.id, 'MINIMAX_2_7_API_KEY', KEY)
    const written = Date.now()
    const dump = await settings()
    const answer = await until('the row to count', async () => {
      const got = await ask(brennan.key, 'minimax/MiniMax-M2.7')
      return got.status === 200 ? got : undefined
    })
    expect(Date.now() - written, 'milliseconds until a row written by hand counts').toBeLessThan(1_000)

    expect(answer.headers.get('x-tollgate-key-source')).toBe('tenant:legacy')
    expect(answer.headers.get('x-tollgate-provider')).toBe('minimax')
    expect(keySent()).toBe(`Bearer ${KEY}`)
    expect(JSON.parse(provider.journal.at(-1)!.body.toString()).model).toBe('MiniMax-M2.7')

    const explained = await gateway.call('GET', '/v1/explain?model=minimax/MiniMax-M2.7', { key: brennan.key })
    const asked = await ask(brennan.key, 'minimax/MiniMax-M2.7', { headers: { 'x-tollgate-explain': 'true' } })
    for (const { status, body } of [explained, asked]) {
      expect({ status, verdict: body.verdict, source: body.offers[0].key_source }).toEqual({
        status: 200,
        verdict: 'allowed',
        source: 'tenant:legacy',
      })
      expect(body.looked_for).toContainEqual({ setting_key: 'MINIMAX_2_7_API_KEY', via: 'legacy', found: true })
      expect(body.looked_for[0]).toEqual({ setting_key: 'MINIMAX_API_KEY', via: 'canonical', found: false })
    }
    expect((await hand.booked(brennan.id)).at(-1)?.start).toMatchObject({ source: 'tenant', via: 'legacy' })
    expect(await settings()).toEqual(dump)
  })

  it('cannot come again under the retired name of the model either, and the answer says what it is called now', async () => {
    const answer = await ask(await keyOf('brennan'), 'minimax_2_7/MiniMax-M2.7')
    expect({ status: answer.status, told: answer.headers.get('x-tollgate-deprecated') }).toEqual({
      status: 200,
      told: 'minimax_2_7/MiniMax-M2.7 -> minimax/MiniMax-M2.7',
    })
  })

  it('ends with the row: deleted by hand, the key is missing, and the refusal says where it was looked for', async () => {
    await hand.run("DELETE FROM tenant_settings WHERE setting_key = 'MINIMAX_2_7_API_KEY'")
    const key = await keyOf('brennan')
    const { body } = await until('the deletion to count', async () => {
      const got = await ask(key, 'minimax/MiniMax-M2.7')
      return got.status === 403 ? got : undefined
    })
    expect(body.error.message).toMatch(/no key for minimax is stored/i)
    const { body: why } = await gateway.call('GET', '/v1/explain?model=minimax/MiniMax-M2.7', { key })
    expect(why).toMatchObject({
      verdict: 'refused',
      code: 'credential_missing',
      rule: expect.stringMatching(/^plans\.yaml:\d+ \w+\.byok/),
      fix: expect.stringContaining('provider-keys set brennan minimax'),
    })
    expect(why.looked_for.map(({ setting_key }: { setting_key: string }) => setting_key)).toEqual(
      expect.arrayContaining(['MINIMAX_API_KEY', 'MINIMAX_2_7_API_KEY', 'MINIMAX_M3_API_KEY']),
    )
  })
})

describe('its like', () => {
  it('a row in lower case is the same row', async () => {
    const tenant = await hand.tenant('lower', 'team')
    await hand.setting(tenant.id, 'openai_api_key', 'sk-proj-written-in-lower-case')
    await hand.holds(tenant.key, 'openai/gpt-4o')
    expect((await ask(tenant.key, 'openai/gpt-4o')).headers.get('x-tollgate-key-source')).toBe('tenant')
    expect(keySent()).toBe('Bearer sk-proj-written-in-lower-case')
  })

  it('each tenant pays with its own key', async () => {
    const [one, two] = [await hand.tenant('one', 'team'), await hand.tenant('two', 'team')]
    for (const { id, key, slug } of [one, two]) {
      await hand.setting(id, 'GROQ_API_KEY', `gsk_of-${slug}-0123456789`)
      await hand.holds(key, 'groq/any')
    }
    for (const { key, slug } of [one, two, one]) {
      await ask(key, 'groq/any')
      expect(keySent()).toBe(`Bearer gsk_of-${slug}-0123456789`)
    }
  })

  it("a key for one vendor goes to no other vendor's host", async () => {
    const tenant = await hand.tenant('anthropic-only', 'team')
    await hand.setting(tenant.id, 'ANTHROPIC_API_KEY', 'sk-ant-of-this-tenant-0001')
    await hand.holds(tenant.key, 'anthropic/claude-sonnet-4-5')
    const { status, body } = await ask(tenant.key, 'openai/gpt-4o')
    expect({ status, code: body.error.code, sent: provider.journal.length }).toEqual({ status: 403, code: 'credential_missing', sent: 0 })
  })

  it("the platform's key pays only where the tenant has none, says so, and becomes nobody's own", async () => {
    const tenant = await hand.tenant('lent', 'team')
    const lent = await ask(tenant.key, 'deepseek/deepseek-chat')
    expect({ status: lent.status, source: lent.headers.get('x-tollgate-key-source'), sent: keySent() }).toEqual({
      status: 200,
      source: 'platform',
      sent: 'Bearer sk-of-the-platform-deepseek',
    })
    expect(await hand.rows('SELECT * FROM tenant_settings WHERE tenant_id = ?', tenant.id)).toEqual([])
    await hand.setting(tenant.id, 'DEEPSEEK_API_KEY', 'sk-of-the-tenant-deepseek')
    await until('the own key to pay', async () =>
      (await ask(tenant.key, 'deepseek/deepseek-chat')).headers.get('x-tollgate-key-source') === 'tenant' ? true : undefined,
    )
    expect(keySent()).toBe('Bearer sk-of-the-tenant-deepseek')
  })

  it("the platform's money is not spent by a caller who says so", async () => {
    const { status, body } = await ask((await hand.tenant('own-money', 'team')).key, 'deepseek/deepseek-chat', {
      headers: { 'x-tollgate-pay': 'tenant' },
    })
    expect({ status, code: body.error.code, sent: provider.journal.length }).toEqual({ status: 403, code: 'credential_missing', sent: 0 })
  })

  it('a plan nobody defines is an error, never the free plan', async () => {
    const { status, body } = await ask((await hand.tenant('unknown', 'teem')).key, 'deepseek/deepseek-chat')
    expect({ status, code: body.error.code, plan: body.error.metadata.plan, sent: provider.journal.length }).toEqual({
      status: 403,
      code: 'plan_unknown',
      plan: 'teem',
      sent: 0,
    })
  })

  for (const envelope of [
    'gAAAAABoVLq0nS1vY2tlZC1hd2F5LWZvci1nb29k',
    'vault:v1:8SDd3WHDOjf7mq69CyCqYjBXAiQQAVZRkFM13ok481zoCmHnSeDX',
    'enc:AAAA',
    'tg1:broken',
  ]) {
    it(`${envelope.slice(0, 8)}… that nobody can open is not sent as if it were the key`, async () => {
      const tenant = await hand.tenant(`sealed-${envelope.slice(0, 3).toLowerCase().replace(/\W/g, '-')}`, 'team')
      await hand.setting(tenant.id, 'OPENAI_API_KEY', envelope)
      const answer = await until('the row to be seen', async () => {
        const got = await ask(tenant.key, 'openai/gpt-4o')
        return got.body.error.code === 'credential_missing' ? undefined : got
      })
      expect({ status: answer.status, code: answer.body.error.code, sent: provider.journal.length }).toEqual({
        status: 503,
        code: 'credential_unreadable',
        sent: 0,
      })
      expect(JSON.stringify(answer.body)).not.toContain(envelope)
    })
  }

  it("a tenant's own key opens a model that its plan does not list", async () => {
    const tenant = await hand.tenant('frontier', 'solo')
    await hand.setting(tenant.id, 'OPENAI_API_KEY', 'sk-proj-of-a-solo-tenant')
    await hand.holds(tenant.key, 'openai/o1')
    expect((await ask(tenant.key, 'openai/o1')).status).toBe(200)
  })

  it('tools reach models whose names hold "mini"', async () => {
    const tenant = await hand.tenant('tools', 'team')
    await hand.setting(tenant.id, 'MINIMAX_API_KEY', 'sk-minimax-with-tools-01')
    await hand.holds(tenant.key, 'minimax/MiniMax-M2.7')
    const tools = [{ type: 'function', function: { name: 'look_up', parameters: { type: 'object' } } }]
    expect((await ask(tenant.key, 'minimax/MiniMax-M2.7', { tools })).status).toBe(200)
    expect(JSON.parse(provider.journal.at(-1)!.body.toString()).tools).toEqual(tools)
  })

  it('a model whose name begins like another has no price of the other', async () => {
    const tenant = await hand.tenant('exact', 'team')
    await hand.setting(tenant.id, 'OPENAI_API_KEY', 'sk-proj-exact-names-0001')
    await hand.holds(tenant.key, 'openai/gpt-4o')
    await ask(tenant.key, 'openai/gpt-4o')
    await ask(tenant.key, 'openai/gpt-4o-mini-not-listed')
    const rows = await hand.settled(tenant.id, 2)
    expect(rows.map(({ start, cost }) => [start.wireModel, cost === null])).toEqual([
      ['gpt-4o', false],
      ['gpt-4o-mini-not-listed', true],
    ])
  })

  it('no refusal is without its reasons', async () => {
    const { key } = await hand.tenant('reasons', 'team')
    for (const model of ['minimax/MiniMax-M2.7', 'claude-sonnet-4-5', 'auto', 'auto:best', 'no-such-model']) {
      const { status, body } = await ask(key, model)
      if (status === 200) continue
      const { message, code, metadata } = body.error
      expect({ model, message, code, reasons: metadata.rejected.length > 0 }).toMatchObject({
        message: expect.stringMatching(/\.( |$)/),
        code: expect.stringMatching(/^[a-z_]+$/),
        reasons: true,
      })
    }
  })
})

async function keyOf(slug: string): Promise<string> {
  const key = await hand.key({ tenant: `by-hand-${slug}` })
  await hand.seen(key)
  return key
}
