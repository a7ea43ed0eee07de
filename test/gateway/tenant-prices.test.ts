import { afterAll, beforeAll, expect, it } from 'vitest'
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { completion } from '../support/relayed.ts'

// A price that one tenant has agreed on lies over every list, and over nobody else's.

let vendor: FakeProvider
let gateway: TestGateway
beforeAll(async () => {
  vendor = await startFakeProvider({ body: completion() })
  gateway = await startGateway({ providers: { openai: `${vendor.origin}/v1` }, env: { OPENAI_API_KEY: 'sk-proj-0123456789abcdefghij' } })
})
afterAll(async () => {
  await gateway.stop()
  await vendor.close()
})

const charge = async (key: string, model: string) => {
  const { status, headers, body } = await gateway.call('POST', '/v1/chat/completions', { key, body: { model, messages: [] } })
  return headers.get('x-tollgate-charge-usd') ?? `${status} ${body.error?.code}`
}

it('is charged, booked under a snapshot of its own, and shown; the neighbour pays what is listed', async () => {
  const prices = { 'openai/gpt-6-luna': { input: 2, output: 10 } }
  const agreed = await gateway.tenant('agreed', 'team', { prices })
  const other = await gateway.tenant('other', 'team')
  expect([await charge(agreed.key, 'gpt-6-luna'), await charge(other.key, 'gpt-6-luna')]).toEqual(['0.000044', '0.0000022'])
  const { data } = (await gateway.api('GET', '/requests?tenant=agreed')).body
  expect(data[0]).toMatchObject({ price_snapshot: 'override of tenant agreed', cost_usd: '0.000044' })
  expect((await gateway.api('GET', '/tenants/agreed')).body.overrides).toEqual({ prices })
  const [offer] = (await gateway.api('GET', '/explain?tenant=agreed&model=gpt-6-luna')).body.offers
  expect(offer.price).toMatchObject({ input: 2, output: 10 })
})

it('makes a model that no list prices one that the platform may pay for, until it expires', async () => {
  const prices = { 'openai/unlisted-1': { input: 1, output: 1 } }
  const overrides = { prices, models: ['openai/*'] }
  const { key } = await gateway.tenant('priced', 'team', overrides)
  const { key: late } = await gateway.tenant('late', 'team', { ...overrides, expires_at: '2026-01-01T00:00:00Z' })
  const { key: bare } = await gateway.tenant('bare', 'team', { models: ['openai/*'] })
  expect(await charge(key, 'openai/unlisted-1')).toBe('0.00001')
  expect(await charge(late, 'openai/unlisted-1')).toMatch(/^403 /)
  expect(await charge(bare, 'openai/unlisted-1')).toBe('403 price_unknown')
})
