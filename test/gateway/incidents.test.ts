import { afterEach, beforeEach, expect, it } from 'vitest'
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { completion } from '../support/relayed.ts'

// What an operator switches for a time: everywhere at once, with a reason, over by itself, and told to whoever meets it.

let vendor: FakeProvider
let other: FakeProvider
let gateway: TestGateway
let replica: TestGateway
let key: string

beforeEach(async () => {
  vendor = await startFakeProvider({ body: completion() })
  other = await startFakeProvider({ body: completion() })
  const options = {
    providers: { openai: `${vendor.origin}/v1`, groq: `${other.origin}/v1` },
    env: { OPENAI_API_KEY: 'sk-proj-0123456789abcdefghij', GROQ_API_KEY: 'gsk_0123456789abcdefghij' },
    config: {
      'models.yaml':
        'models: { house-model: { tier: economy, offers: [{ provider: groq, wire_model: house, price: { input: 1, output: 1 } }] } }\n',
    },
  }
  gateway = await startGateway(options)
  replica = await startGateway({ ...options, state: gateway.state })
  key = (await gateway.tenant('acme', 'team')).key
  await expect.poll(async () => (await ask('house-model', replica)).status, { timeout: 3_000 }).toBe(200)
})
afterEach(async () => {
  await replica.stop()
  await gateway.stop()
  await vendor.close()
  await other.close()
})

const ask = (model: string, at = gateway) => at.call('POST', '/v1/chat/completions', { key, body: { model, messages: [] } })
const spell = { for: '1h', reason: 'its status page says: degraded' }

it('a provider that is switched off is sent nothing, on every replica, and the answer says why and until when', async () => {
  const { body: incident } = await gateway.api('POST', '/providers/openai/disable', spell)
  expect(incident).toMatchObject({ kind: 'disable', subject: 'openai', reason: spell.reason })
  expect(Date.parse(incident.until) - Date.parse(incident.since)).toBe(3_600_000)
  const refused = await ask('openai/gpt-6-luna')
  expect({ status: refused.status, code: refused.body.error.code, origin: refused.headers.get('x-tollgate-error-origin') }).toEqual({
    status: 503,
    code: 'provider_disabled',
    origin: 'platform',
  })
  expect(refused.body.error.message).toContain(spell.reason)
  expect(refused.body.error.message).toContain(incident.until)
  await expect.poll(async () => (await ask('openai/gpt-6-luna', replica)).status, { timeout: 3_000 }).toBe(503)
  const sent = vendor.journal.length
  const listed = (await gateway.api('GET', '/providers')).body.data.find(({ id }: { id: string }) => id === 'openai')
  expect(listed.disabled).toEqual(incident)
  const explained = (await gateway.api('GET', '/explain?tenant=acme&model=openai/gpt-6-luna')).body
  expect(explained).toMatchObject({ verdict: 'refused', code: 'provider_disabled' })
  expect((await gateway.api('POST', '/providers/openai/enable')).status).toBe(200)
  expect((await ask('openai/gpt-6-luna')).status).toBe(200)
  expect(vendor.journal.length).toBe(sent + 1)
  const acts = (await gateway.api('GET', '/audit')).body.data.map(
    ({ action, object }: { action: string; object: string }) => `${action} ${object}`,
  )
  expect(acts).toEqual(expect.arrayContaining(['provider.disable openai', 'provider.enable openai']))
})

it('a model that is redirected is another for whoever asks for it by any name that means it alone', async () => {
  await gateway.api('POST', '/models/redirect', { model: 'gpt-6-luna', to: 'house-model', for: '24h', reason: 'outage' })
  for (const name of ['gpt-6-luna', 'openai/gpt-6-luna']) {
    const { status, headers } = await ask(name)
    expect({ status, model: headers.get('x-tollgate-model'), told: headers.get('x-tollgate-redirected') }).toEqual({
      status: 200,
      model: 'house',
      told: 'gpt-6-luna -> house-model',
    })
  }
  expect(vendor.journal).toEqual([])
  await expect.poll(async () => (await ask('gpt-6-luna', replica)).headers.get('x-tollgate-model'), { timeout: 3_000 }).toBe('house')
  expect((await gateway.api('GET', '/explain?tenant=acme&model=gpt-6-luna')).body.redirected).toMatch(
    /^gpt-6-luna -> house-model until .*: outage$/,
  )
  expect((await gateway.api('GET', '/doctor')).body.data.map(({ code }: { code: string }) => code)).toContain('incident_redirect')
  await gateway.api('POST', '/models/restore', { model: 'gpt-6-luna' })
  expect((await ask('openai/gpt-6-luna')).headers.get('x-tollgate-model')).toBe('gpt-6-luna')
})

it.each<[what: string, call: [path: string, body: object, status: number]]>([
  ['without a reason', ['/providers/openai/disable', { for: '1h' }, 400]],
  ['without an end', ['/providers/openai/disable', { reason: 'x' }, 400]],
  ['for ever', ['/providers/openai/disable', { for: '9999d', reason: 'x' }, 400]],
  ['that does not exist', ['/providers/nobody/disable', spell, 404]],
  ['to itself', ['/models/redirect', { model: 'auto', to: 'auto', ...spell }, 400]],
  ['to nothing', ['/models/redirect', { model: 'gpt-6-luna', to: 'no-such-model', ...spell }, 400]],
])('nothing is switched %s', async (_what, [path, body, status]) => {
  expect((await gateway.api('POST', path, body)).status).toBe(status)
  expect((await gateway.api('GET', '/incidents')).body.data).toEqual([])
})
