import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandLine } from '../support/command-line.ts'
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { type ApiAnswer, startGateway, type TestGateway } from '../support/gateway.ts'
import { completion } from '../support/relayed.ts'

// Five ways in which products sell language models, each a plan file: what it lets in, what it refuses, and what it charges.

const PLANS = `
plans:
  open:
    models: ["*"]
    endpoints: ["*"]
    providers: ["*"]
    byok: { allowed: true, models: any, providers: ["*"] }
    platform_keys: on_missing
    limits: none
    budget: none
    meters: []
    unpriced: refuse
    failover: { other_provider: true }
    fallback: []
    expose: full
    enforcement: on
    priority: 5
    on_revoke: cut

  # A seat with so many premium requests a month, dear models counting several times, small ones not at all; four cents for each beyond.
  seats:
    extends: open
    meters:
      - name: premium
        count: requests
        weigh: { openai/small: 0, openai/flagship: 3 }
        allow: 4
        per: cycle
        of: user
        charge: { usd: 0 }
        then: { meter: overage }
      - { name: overage, count: requests, allow: 3, per: cycle, of: user, charge: { usd: 0.04 } }

  # Twenty cents of usage at list price are included, and beyond them as much again on demand, to a cap.
  list_price:
    extends: open
    meters:
      - { name: included, count: usd, allow: 0.20, per: month, charge: { percent: 0 }, then: { meter: on_demand }, at_percent: [50, 100] }
      - { name: on_demand, count: usd, allow: 0.30, per: month, charge: { percent: 100 } }

  # So many turns of the flagship in five hours, and the small model after them.
  turns:
    extends: open
    meters:
      - { name: flagship, count: requests, models: [openai/flagship], allow: 2, per: 5h, then: { model: openai/small } }

  # Own keys are free for the first tokens of a month; a fee of five percent of what they cost after that.
  own_keys:
    extends: open
    meters:
      - { name: free, count: tokens, payer: tenant, allow: 100, per: month, charge: { usd: 0 }, then: { meter: fee } }
      - { name: fee, count: tokens, payer: tenant, allow: none, per: month, charge: { percent: 5 } }

  # A pool of dollars for the whole company, split by department.
  pool:
    extends: open
    meters:
      - { name: pool, count: usd, allow: 0.50, per: month }
      - name: departments
        count: usd
        of: tag:department
        allow: { research: 0.40, "*": 0.20 }
        per: month
`

const MODELS = `
models:
  flagship: { offers: [{ provider: openai, wire_model: flagship, price: { input: 0, output: 0, request: 0.1 } }] }
  small: { offers: [{ provider: openai, wire_model: small, price: { input: 0, output: 0, request: 0.01 } }] }
  tokens: { offers: [{ provider: openai, wire_model: tokens, price: { input: 1000, output: 1000 } }] }
`

let provider: FakeProvider
let gateway: TestGateway
beforeAll(async () => {
  provider = await startFakeProvider({ body: completion() })
  gateway = await startGateway({
    env: { OPENAI_API_KEY: 'sk-proj-of-the-platform-01' },
    providers: { openai: provider.origin },
    config: { 'plans.yaml': PLANS, 'models.yaml': MODELS },
  })
})
afterAll(async () => {
  await gateway.stop()
  await provider.close()
})

interface Asked {
  readonly user?: string
  readonly tags?: string
  readonly more?: object
}

async function ask(key: string, model: string, { user, tags, more }: Asked = {}): Promise<ApiAnswer> {
  const headers = { ...(user && { 'x-tollgate-user': user }), ...(tags && { 'x-tollgate-tags': tags }) }
  const body = { model: `openai/${model}`, messages: [{ role: 'user', content: 'Hello' }], ...more }
  return gateway.call('POST', '/v1/chat/completions', { key, headers, body })
}

/** What was charged, or why nothing was. */
const charged = (answer: ApiAnswer): string =>
  answer.status === 200 ? (answer.headers.get('x-tollgate-charge-usd') ?? 'unknown') : answer.body.error.code

const several = async (times: number, one: () => Promise<ApiAnswer>): Promise<string[]> => {
  const answers: string[] = []
  for (let at = 0; at < times; at++) answers.push(charged(await one()))
  return answers
}

describe('a seat with premium requests', () => {
  it('counts dear models several times, splits the last one, and charges four cents for each beyond', async () => {
    const { key } = await gateway.tenant('seats', 'seats')
    const ann = { user: 'ann' }
    // Three of four are taken; of the next three one is included and two are paid for.
    expect(await several(2, () => ask(key, 'flagship', ann))).toEqual(['0', '0.08'])
    expect(await several(2, () => ask(key, 'tokens', ann))).toEqual(['0.04', 'budget_exceeded'])
    expect(charged(await ask(key, 'small', ann)), 'a small model is not counted').toBe('0.01')
    expect(charged(await ask(key, 'flagship', { user: 'ben' })), 'the next seat').toBe('0')
  })

  it('tells each user what is left', async () => {
    const { key } = await gateway.tenant('told', 'seats')
    const refused = await ask(key, 'flagship', { more: { user: 'cy' } })
    expect(refused.status).toBe(200)
    for (let turn = 0; turn < 4; turn++) await ask(key, 'tokens', { user: 'cy' })
    const { body, headers } = await ask(key, 'tokens', { user: 'cy' })
    expect(body.error.message).toMatch(
      /^The meter overage of user cy of plan seats for told is spent: 3 requests of 3 requests a billing cycle\./,
    )
    expect(body.error.metadata.rule).toMatch(/^plans\.yaml:\d+ seats\.meters$/)
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  })
})

describe('dollars at list price', () => {
  it('charges nothing for what is included, list price for what is on demand, and stops at the cap', async () => {
    const { key } = await gateway.tenant('list', 'list_price')
    expect(await several(6, () => ask(key, 'flagship'))).toEqual(['0', '0', '0.1', '0.1', '0.1', 'budget_exceeded'])
    const { body } = await gateway.call('GET', '/v1/key', { key })
    expect(body.meters).toMatchObject([
      { name: 'included', count: 'usd', allow: '0.2', spent: '0.2', held: '0', left: '0', per: 'month' },
      { name: 'on_demand', allow: '0.3', spent: '0.3', left: '0' },
    ])
    const told = async () => {
      const { data } = (await gateway.api('GET', '/events')).body
      return data.filter((event: { subject: string }) => event.subject === 'list').map((event: { data: object }) => event.data)
    }
    await expect
      .poll(told, { timeout: 5_000 })
      .toEqual(expect.arrayContaining([expect.objectContaining({ meter: 'included', percent: 50, spent_usd: '0.1', budget_usd: '0.2' })]))
  })
})

describe('turns of the flagship in five hours', () => {
  it('go to the small model once they are used up, and say so', async () => {
    const { key } = await gateway.tenant('turns', 'turns')
    expect(await several(2, () => ask(key, 'flagship'))).toEqual(['0.1', '0.1'])
    for (const answer of [await ask(key, 'flagship'), await ask(key, 'flagship')]) {
      expect([charged(answer), answer.headers.get('x-tollgate-model'), answer.headers.get('x-tollgate-route')]).toEqual([
        ...['0.01', 'small', 'openai/flagship -> openai/small (budget)'],
      ])
    }
    expect(charged(await ask(key, 'tokens')), 'all else is not counted').not.toBe('budget_exceeded')
  })
})

describe('own keys', () => {
  it('are free for so many tokens, and then cost a share of what the provider takes', async () => {
    const { id, key } = await gateway.tenant('owner', 'own_keys')
    await gateway.api('PUT', `/tenants/${id}/provider-keys/openai`, { key: 'sk-proj-of-the-tenant-001' })
    provider.answer({ body: { ...completion(), usage: { prompt_tokens: 60, completion_tokens: 20, total_tokens: 80 } } })
    // 80 tokens cost 0.08; of the next 80 only 20 are free, so five percent of three quarters of 0.08 are charged.
    expect(await several(3, () => ask(key, 'tokens', { more: { max_tokens: 20 } }))).toEqual(['0', '0.003', '0.004'])
    provider.answer({ body: completion() })
    const usage = await gateway.api('GET', `/usage?tenant=${id}&by=source`)
    expect(usage.body.total).toMatchObject({ cost_usd: '0.24', charge_usd: '0.007' })
  })
})

describe('a pool split by department', () => {
  it('stops each department at its share, and all of them at the pool', async () => {
    const { key } = await gateway.tenant('pool', 'pool')
    const as = (department: string) => several(5, () => ask(key, 'flagship', { tags: `team:x,department:${department}` }))
    expect(await as('sales')).toEqual(['0.1', '0.1', ...Array(3).fill('budget_exceeded')])
    expect(await as('research'), 'three are left of the pool').toEqual(['0.1', '0.1', '0.1', ...Array(2).fill('budget_exceeded')])
    expect(charged(await ask(key, 'flagship'))).toBe('budget_exceeded')
  })
})

it('explain tells beforehand what a meter says, also right after a start', async () => {
  const { key } = await gateway.tenant('asking', 'pool')
  await several(2, () => ask(key, 'flagship', { tags: 'department:sales' }))
  const told = await gateway.call('POST', '/v1/chat/completions', {
    key,
    headers: { 'x-tollgate-explain': 'true', 'x-tollgate-tags': 'department:sales' },
    body: { model: 'openai/flagship', messages: [] },
  })
  expect(told.body).toMatchObject({ verdict: 'refused', code: 'budget_exceeded', status: 429 })
  const asked = async (department: string) =>
    (await gateway.call('GET', `/v1/explain?model=openai/flagship&tags=department:${department}`, { key })).body
  expect([(await asked('sales')).code, (await asked('research')).code]).toEqual(['budget_exceeded', null])
  expect((await asked('sales')).because).toContain('The meter departments of tag department:sales of plan pool for asking is spent')
})

it('leaves books that add up', async () => {
  const config = { 'plans.yaml': PLANS, 'models.yaml': MODELS }
  const cli = commandLine(config)
  const ran = await cli.run(['ledger', 'verify'], { env: { TOLLGATE_DATA: gateway.dataFolder, ...gateway.state.env } })
  cli.remove()
  expect(ran).toMatchObject({ code: 0, out: expect.stringContaining('The books add up') })
})
