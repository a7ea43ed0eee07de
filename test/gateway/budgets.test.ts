import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandLine } from '../support/command-line.ts'
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { type ApiAnswer, type GatewayOptions, startGateway, type TestGateway } from '../support/gateway.ts'
import { completion } from '../support/relayed.ts'
import { MARK, NO_MARK, stateIn } from '../support/state.ts'

// A budget of the platform's money, held to the last nano-dollar while many ask at once.

const MODELS = `
models:
  flat: { offers: [{ provider: openai, wire_model: flat, price: { input: 0, output: 0, request: 0.1 } }] }
  dime: { offers: [{ provider: openai, wire_model: dime, price: { input: 0, output: 100000 } }] }
  cent: { offers: [{ provider: groq, wire_model: cent, price: { input: 0, output: 10000 } }] }
routes:
  either: [openai/dime, groq/cent]
  second: [groq/cent, openai/dime]
`
const CROWD = 1_000

let provider: FakeProvider
let gateway: TestGateway
let options: GatewayOptions
beforeAll(async () => {
  provider = await startFakeProvider({ body: completion(), after: 20 })
  options = {
    env: { OPENAI_API_KEY: 'sk-proj-of-the-platform-01', GROQ_API_KEY: 'gsk_of-the-platform-00002' },
    providers: { openai: `${provider.origin}/openai`, groq: `${provider.origin}/groq` },
    config: { 'models.yaml': MODELS },
  }
  gateway = await startGateway(options)
})
afterAll(async () => {
  await gateway.stop()
  await provider.close()
})

/** Nobody has asked anything in its name before. */
const tenantWith = (slug: string, usd: number, more: object = {}) =>
  gateway.tenant(slug, 'enterprise', { budget: { usd, per: 'total' }, ...more })

const ask = (key: string, model: string, more: object = {}): Promise<ApiAnswer> =>
  gateway.call('POST', '/v1/chat/completions', { key, body: { model, messages: [{ role: 'user', content: 'Hello' }], ...more } })

function tally(answers: readonly ApiAnswer[]): Record<string, number> {
  const kinds = Map.groupBy(answers, ({ status, body }) => `${status} ${body.error?.code ?? 'ok'}`)
  return Object.fromEntries([...kinds].map(([kind, { length }]) => [kind, length]))
}

describe('F-54 a crowd on a budget for ten', () => {
  const crowd = async (key: string, model: string, more?: object) => {
    const before = provider.journal.length
    const answers = await Promise.all(Array.from({ length: CROWD }, () => ask(key, model, more)))
    return { ...tally(answers), sent: provider.journal.length - before }
  }

  it('F-55 that asks for the first time ever has ten answers, and the provider sees ten requests', async () => {
    const { key } = await tenantWith('crowd', 1)
    expect(await crowd(key, 'flat')).toEqual({ '200 ok': 10, '429 budget_exceeded': CROWD - 10, sent: 10 })
    expect(tally([await ask(key, 'flat')])).toEqual({ '429 budget_exceeded': 1 })
  })

  it('never spends more than it, and what was held too much serves others at once', async () => {
    const { key } = await tenantWith('crowd-of-tokens', 3)
    // 0.4 USD are held for four tokens at most, and three of them come: seven fit at a time, and ten in all.
    const first = await crowd(key, 'dime', { max_tokens: 4 })
    expect(first).toMatchObject({ '200 ok': expect.any(Number), sent: expect.any(Number) })
    expect(first.sent).toBeGreaterThanOrEqual(7)
    expect(first.sent).toBeLessThanOrEqual(9)
    for (let sent = first.sent; sent < 9; sent++) expect((await ask(key, 'dime', { max_tokens: 4 })).status).toBe(200)
    expect(tally([await ask(key, 'dime', { max_tokens: 4 })])).toEqual({ '429 budget_exceeded': 1 })
    expect((await ask(key, 'dime', { max_tokens: 3 })).status).toBe(200)
    expect((await ask(key, 'dime', { max_tokens: 1 })).body.error.message).toContain('is spent: 3 USD of 3 USD in total')
  })

  it('leaves books that add up', async () => {
    const cli = commandLine({ 'models.yaml': MODELS })
    const ran = await cli.run(['ledger', 'verify'], { env: gateway.state.env })
    cli.remove()
    expect(ran).toMatchObject({ code: 0, out: expect.stringContaining('The books add up: 20 attempts (20 settled)') })
  })
})

describe('a request beyond what is left', () => {
  it('is told what is left, what it may cost and when the budget begins anew; explain says the same', async () => {
    const { key } = await gateway.tenant('little', 'enterprise', { budget: { usd: 1, per: 'month' } })
    expect((await ask(key, 'dime', { max_tokens: 3 })).status).toBe(200)
    const { status, headers, body } = await ask(key, 'dime', { max_tokens: 4, n: 2 })
    expect([status, body.error.code]).toEqual([429, 'budget_exceeded'])
    expect(body.error.message).toMatch(
      /has 0\.7 USD left of 1 USD a month, and openai\/dime may cost up to 0\.8 USD .* anew at \d{4}-\d\d-01T/,
    )
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    const told = await gateway.call('GET', '/v1/explain?model=dime&max_tokens=8', { key })
    expect(told.body).toMatchObject({ verdict: 'refused', code: 'budget_exceeded', status: 429 })
  })

  it('that not even all of it would pay is refused for good', async () => {
    const { key } = await tenantWith('small', 1)
    const { status, headers, body } = await ask(key, 'dime', { max_tokens: 11 })
    expect([status, body.error.code, headers.get('retry-after')]).toEqual([400, 'request_exceeds_limit', null])
    expect(body.error.message).toContain('would need 1.1 USD of budget')
    const endless = await ask(key, 'dime', { max_tokens: Number.MAX_SAFE_INTEGER, n: Number.MAX_SAFE_INTEGER })
    expect(endless.body.error.code).toBe('request_exceeds_limit')
  })

  it('goes to a candidate that is cheap enough', async () => {
    const { key } = await tenantWith('thrifty', 1)
    const { status, headers } = await ask(key, 'either', { max_tokens: 11 })
    expect([status, headers.get('x-tollgate-provider')]).toEqual([200, 'groq'])
  })

  it('is let through where the plan only observes', async () => {
    const { key } = await tenantWith('observed', 0.1, { enforcement: 'observe' })
    expect((await ask(key, 'dime', { max_tokens: 3 })).status).toBe(200)
  })
})

it('a second attempt that has become too dear is not made', async () => {
  const { key } = await tenantWith('hopping', 1)
  const seen = provider.journal.length
  provider.answer(async ({ path }) => {
    if (path.startsWith('/openai')) return { body: completion(), after: 20 }
    // While the first choice is about to fail, another takes what the second would need.
    await ask(key, 'dime', { max_tokens: 3 })
    return { status: 503, body: { error: { message: 'Overloaded' } } }
  })
  const { status } = await ask(key, 'second', { max_tokens: 8 })
  provider.answer({ body: completion(), after: 20 })
  expect([status, provider.journal.slice(seen).map(({ path }) => path.split('/')[1])]).toEqual([503, ['groq', 'openai']])
})

it('what another process closed in its place counts as all that was held for it', async () => {
  const { id, key } = await tenantWith('closed', 0.15)
  provider.answer(async () => {
    const closed = `SELECT seq, 'estimated', '{}'${NO_MARK} FROM attempts WHERE tenant_id = ?`
    await gateway.state.sql(`INSERT INTO ends (seq, state, outcome${MARK}) ${closed}`, id)
    return { body: completion() }
  })
  const refused = await ask(key, 'flat')
  provider.answer({ body: completion(), after: 20 })
  expect([refused.status, tally([await ask(key, 'flat')])]).toEqual([500, { '429 budget_exceeded': 1 }])
})

async function toldBy(on: TestGateway): Promise<string[]> {
  const { data } = (await on.api('GET', '/events')).body
  const told = data.filter(({ type, subject }: { type: string; subject: string }) => type === 'budget.threshold' && subject === 'lasting')
  const shares: { percent: number; spent_usd: string; budget_usd: string }[] = told.map((event: { data: object }) => event.data)
  return shares.sort((a, b) => a.percent - b.percent).map((one) => `${one.percent}: ${one.spent_usd} of ${one.budget_usd}`)
}

it('what was spent is spent after a restart, and each share of the budget is told of once', async () => {
  const data = mkdtempSync(join(tmpdir(), 'tollgate-budget-'))
  const state = await stateIn(data)
  const kept = { ...options, state }
  const first = await startGateway(kept)
  const { key } = await first.tenant('lasting', 'enterprise', { budget: { usd: 0.2, per: 'total' } })
  const post = (on: TestGateway) => on.call('POST', '/v1/chat/completions', { key, body: { model: 'flat', messages: [] } })
  expect((await post(first)).status).toBe(200)
  await first.stop()
  const second = await startGateway(kept)
  expect(tally([await post(second), await post(second)])).toEqual({ '200 ok': 1, '429 budget_exceeded': 1 })
  await expect
    .poll(() => toldBy(second), { timeout: 5_000 })
    .toEqual(['50: 0.1 of 0.2', '80: 0.2 of 0.2', '90: 0.2 of 0.2', '100: 0.2 of 0.2'])
  await second.stop()
  await state.drop()
  rmSync(data, { recursive: true })
})
