import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { watchPlans } from '../../src/main/watchmen.ts'
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { completion } from '../support/relayed.ts'
import { openTestWorld } from '../support/world.ts'

// What somebody should hear of is told to the operator's own address, once, however often it happens.

let vendor: FakeProvider
let receiver: FakeProvider
let gateway: TestGateway

beforeEach(async () => {
  vendor = await startFakeProvider({ body: completion() })
  receiver = await startFakeProvider({ status: 200 })
  const secret = join(mkdtempSync(join(tmpdir(), 'tollgate-hook-')), 'secret')
  writeFileSync(secret, 'a shared secret\n', { mode: 0o600 })
  gateway = await startGateway({
    providers: { openai: `${vendor.origin}/v1` },
    env: { OPENAI_API_KEY: 'sk-proj-0123456789abcdefghij' },
    config: { 'gateway.yaml': `events: [{ url: "${receiver.origin}/hook", secret_file: "${secret}", private: true }]\n` },
  })
})
afterEach(async () => {
  await gateway.stop()
  await vendor.close()
  await receiver.close()
})

const heard = () => receiver.journal.map(({ body }) => JSON.parse(body.toString()))

it('a model that its provider knows no more is 502 upstream_model_gone to the caller, and an event to the operator', async () => {
  const { key } = await gateway.tenant('acme', 'team')
  vendor.answer({
    status: 404,
    body: { error: { message: 'The model does not exist', type: 'invalid_request_error', code: 'model_not_found' } },
  })
  const ask = (model: string) => gateway.call('POST', '/v1/chat/completions', { key, body: { model, messages: [] } })
  for (let at = 0; at < 3; at++)
    expect(await ask('openai/gpt-6-luna')).toMatchObject({ status: 502, body: { error: { code: 'upstream_model_gone' } } })
  await expect
    .poll(heard, { timeout: 6_000 })
    .toMatchObject([
      { type: 'model.gone', data: { subject: 'openai/gpt-6-luna', provider: 'openai', model: 'gpt-6-luna', paid_by: 'platform' } },
    ])
  const { data } = (await gateway.api('GET', '/events')).body
  expect(data).toMatchObject([
    { type: 'model.gone', deliveries: [{ host: new URL(receiver.origin).host, delivered_at: expect.any(String) }] },
  ])
})

it('a price list that is refused and a provider that is passed over are events too', async () => {
  await gateway.api('POST', '/catalog/refresh', { file: { name: 'poisoned.json', text: '{"models":[]}' } })
  const { key } = await gateway.tenant('acme', 'team')
  vendor.answer({ status: 503 })
  for (let at = 0; at < 12; at++)
    await gateway.call('POST', '/v1/chat/completions', { key, body: { model: 'openai/gpt-6-luna', messages: [] } })
  await expect
    .poll(
      () =>
        heard()
          .map(({ type, data }) => `${type} ${data.subject}`)
          .toSorted(),
      { timeout: 10_000 },
    )
    .toEqual(['price.refused poisoned.json', 'provider.down openai'])
})

it('a plan that no file defines is one event a day, however many tenants are on it', async () => {
  const { world, tenant, close } = await openTestWorld()
  for (const slug of ['a', 'b']) await tenant(slug, { plan: 'platinum' })
  const watch = watchPlans(world)
  watch()
  watch()
  await expect
    .poll(() => world.store.events.list({ limit: 9 }))
    .toMatchObject([{ type: 'plan.unknown', subject: 'platinum', data: { tenants: 2, first: ['a', 'b'] }, deliveries: [] }])
  await close()
})
