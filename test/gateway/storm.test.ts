import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ByHand } from '../support/by-hand.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { completion } from '../support/relayed.ts'

// A first choice that fails half its calls, with two healthy ones behind it, under load.

const REQUESTS = 20_000
const AT_ONCE = 40
/** Printed, so that a run can be had again: TOLLGATE_TEST_SEED=… */
const SEED = Number(process.env['TOLLGATE_TEST_SEED'] ?? Date.now() % 1_000_000)

interface Counted {
  readonly origin: string
  readonly server: Server
  /** The most further attempts that were under way here at a time. */
  most: number
  calls: number
}

/** Which requests some provider has had, by the mark in their body. */
const seen = new Set<string>()
let failing: Counted
let healthy: Counted[]
let gateway: TestGateway
let key: string
let retrying = 0

beforeAll(async () => {
  const random = coin(SEED)
  failing = await provider(() => (random() < 0.5 ? (random() < 0.5 ? 503 : 529) : 200))
  healthy = await Promise.all([provider(() => 200), provider(() => 200)])
  const [second, third] = healthy.map(({ origin }) => `${origin}/v1`)
  gateway = await startGateway({
    providers: { openai: `${failing.origin}/v1`, groq: second!, mistral: third! },
    config: { 'models.yaml': 'routes:\n  storm: [openai/storm, groq/storm, mistral/storm]\n' },
  })
  const hand = new ByHand(gateway)
  const tenant = await hand.tenant('acme', 'enterprise')
  for (const name of ['OPENAI', 'GROQ', 'MISTRAL']) await hand.setting(tenant.id, `${name}_API_KEY`, `${name}-key-of-the-tenant`)
  await hand.holds(tenant.key, 'mistral/storm')
  await hand.holds(tenant.key, 'openai/storm')
  key = tenant.key
})
afterAll(async () => {
  await gateway.stop()
  for (const { server } of [failing, ...healthy]) server.close()
})

async function provider(statusOf: () => number): Promise<Counted> {
  const good = JSON.stringify(completion())
  const bad = JSON.stringify({ error: { message: 'No.', type: 'server_error' } })
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { user } = JSON.parse(Buffer.concat(chunks).toString())
    const again = seen.has(user)
    seen.add(user)
    counted.calls++
    if (again) counted.most = Math.max(counted.most, ++retrying)
    const status = statusOf()
    // As long as that, attempts are under way together.
    await sleep(2)
    if (again) retrying--
    response.writeHead(status, { 'content-type': 'application/json' }).end(status === 200 ? good : bad)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const counted: Counted = { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, most: 0, calls: 0 }
  return counted
}

interface Outcome {
  readonly status: number
  readonly provider: string | undefined
  readonly attempts: number
}

describe(`a first choice that fails half its calls (seed ${SEED})`, () => {
  it('costs one of a hundred requests before its breaker opens, one of a thousand after, and no storm of further attempts', async () => {
    const outcomes = await storm()
    const opened = outcomes.findIndex(({ provider, attempts }) => provider !== 'openai' && attempts === 1)
    const before = outcomes.slice(0, opened)
    const after = outcomes.slice(opened)
    expect(opened, 'the breaker opened').toBeGreaterThan(0)
    expect(before.length, 'and soon').toBeLessThan(500)
    expect(goodShare(before), `of ${before.length} before`).toBeGreaterThanOrEqual(0.99)
    expect(goodShare(after), `of ${after.length} after`).toBeGreaterThanOrEqual(0.999)
    expect(Math.max(...healthy.map(({ most }) => most)), 'further attempts at a time').toBeLessThanOrEqual(Math.max(3, 0.2 * AT_ONCE))
    expect(failing.calls, 'calls of the first choice').toBeLessThan(500)
  }, 120_000)
})

const goodShare = (outcomes: readonly Outcome[]): number =>
  outcomes.filter(({ status }) => status === 200).length / Math.max(1, outcomes.length)

/** In the order in which they were sent. */
async function storm(): Promise<Outcome[]> {
  const pool = new Pool(gateway.url, { connections: AT_ONCE })
  const outcomes: Outcome[] = new Array(REQUESTS)
  let next = 0
  const work = async () => {
    for (let at = next++; at < REQUESTS; at = next++) outcomes[at] = await call(pool, at)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  await pool.close()
  return outcomes
}

async function call(pool: Pool, at: number): Promise<Outcome> {
  const { statusCode, headers, body } = await pool.request({
    method: 'POST',
    path: '/v1/chat/completions',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'storm', user: `r${at}`, messages: [{ role: 'user', content: 'Hello' }] }),
  })
  await body.dump()
  return { status: statusCode, provider: headers['x-tollgate-provider']?.toString(), attempts: Number(headers['x-tollgate-attempts']) }
}

/** Enough for a coin. */
function coin(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
