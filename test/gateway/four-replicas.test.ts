import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandLine } from '../support/command-line.ts'
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { type Fleet, startFleet } from '../support/fleet.ts'
import { missing } from '../support/postgres.ts'
import { completion } from '../support/relayed.ts'

// Four gateways as processes of their own, started at once on an empty database, behind a balancer.

const SIZE = 4

const MODELS = `
models:
  flat: { offers: [{ provider: openai, wire_model: flat, price: { input: 0, output: 0, request: 0.1 } }] }
`

describe.skipIf(missing)(`four replicas${missing ? `, skipped: ${missing}` : ''}`, () => {
  let fleet: Fleet
  let provider: FakeProvider
  let key = ''
  /** Answers that came through the balancer, whole. */
  let answered = 0

  beforeAll(async () => {
    provider = await startFakeProvider({ body: completion(), after: 20 })
    const env = { DRAIN_DELAY: '1s', OPENAI_API_KEY: 'sk-proj-of-the-platform-01', TOLLGATE_OPENAI_BASE_URL: provider.origin }
    fleet = await startFleet(SIZE, { env, config: { 'models.yaml': MODELS } })
  }, 60_000)
  afterAll(async () => {
    await fleet?.remove()
    await provider?.close()
  })

  /** `admin(url, 'POST /tenants', { … })` */
  const admin = async (url: string, call: string, body?: object): Promise<{ id: string; key: string }> => {
    const [method = '', path] = call.split(' ')
    const headers = { authorization: `Bearer ${fleet.adminKey}`, 'content-type': 'application/json' }
    const response = await fetch(`${url}/admin/v1${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
    if (!response.ok) throw new Error(`${call} was answered ${response.status}: ${await response.text()}`)
    return (await response.json()) as { id: string; key: string }
  }

  /** Whether each replica knows a key. */
  const statuses = (of: string): Promise<number[]> =>
    Promise.all(
      fleet.replicas.map(async ({ url }) => (await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${of}` } })).status),
    )

  const ask = (model: string, stream: boolean, by = key): Promise<Response> =>
    fetch(`${fleet.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${by}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'one two three' }] }),
    })

  /** How it went, from the client's side: a stream without its last frame was lost. */
  async function asked(model: string, stream: boolean): Promise<string> {
    try {
      const response = await ask(model, stream)
      const text = await response.text()
      if (response.status !== 200) return `${response.status} ${text}`
      if (stream && !text.endsWith('data: [DONE]\n\n')) return `cut after ${text.slice(-100)}`
      answered++
      return 'whole'
    } catch (error) {
      return String(error)
    }
  }

  it('know within a second, each of them, the key that one of them made, and the end of one that another revoked', async () => {
    const [one = '', two = ''] = fleet.replicas.map(({ url }) => url)
    await admin(one, 'POST /tenants', { slug: 'acme', plan: 'enterprise' })
    const [kept, gone] = [await admin(one, 'POST /tenants/acme/keys', {}), await admin(two, 'POST /tenants/acme/keys', {})]
    for (const made of [kept, gone]) await expect.poll(() => statuses(made.key), { timeout: 1_000 }).toEqual(Array(SIZE).fill(200))
    await admin(two, `DELETE /tenants/acme/keys/${gone.id}`)
    await expect.poll(() => statuses(gone.key), { timeout: 1_000 }).toEqual(Array(SIZE).fill(401))
    key = kept.key
  })

  it('take requests in turn, and stream through the balancer', async () => {
    const before = new Map(fleet.balancer.given)
    const texts = await Promise.all(Array.from({ length: 2 * SIZE }, () => asked('demo/stream', true)))
    expect(texts).toEqual(Array(2 * SIZE).fill('whole'))
    expect(fleet.replicas.map(({ url }) => (fleet.balancer.given.get(url) ?? 0) - (before.get(url) ?? 0))).toEqual(Array(SIZE).fill(2))
  })

  describe('F-54 and F-55 a crowd of a thousand, where there is room for ten, that asks for the first time ever', () => {
    const budget = { usd: 1, per: 'total' }
    const meter = { name: 'share', count: 'usd', allow: 1, per: 'month', of: 'tag:department' }

    it.each([
      ['of a tenant', { overrides: { budget } }, {}],
      ['of a gateway key', {}, { limits: { budget } }],
      ['of a tag', { overrides: { meters: [meter] } }, { defaults: { tags: ['department:sales'] } }],
    ])('%s has ten answers, and the provider sees ten requests', { timeout: 60_000 }, async (_, tenant, keyed) => {
      const [{ url } = { url: '' }] = fleet.replicas
      const slug = `crowd-${provider.journal.length}`
      await admin(url, 'POST /tenants', { slug, plan: 'enterprise', ...tenant })
      const { key: crowded } = await admin(url, `POST /tenants/${slug}/keys`, keyed)
      await expect.poll(() => statuses(crowded), { timeout: 1_000 }).toEqual(Array(SIZE).fill(200))
      const before = provider.journal.length
      const answers = await Promise.all(Array.from({ length: 1_000 }, () => ask('openai/flat', false, crowded)))
      const codes = await Promise.all(answers.map(codeOf))
      const tally = Object.fromEntries([...Map.groupBy(codes, (code) => code)].map(([code, { length }]) => [code, length]))
      expect({ ...tally, sent: provider.journal.length - before }).toEqual({ '200 ok': 10, '429 budget_exceeded': 990, sent: 10 })
      answered += 10
    })
  })

  it('lose no request when one of them is told to stop under load', { timeout: 60_000 }, async () => {
    let going = true
    const lost: string[] = []
    const client = async (stream: boolean): Promise<void> => {
      while (going) {
        const how = await asked(stream ? 'demo/stream' : 'demo/echo', stream)
        if (how !== 'whole') lost.push(how)
      }
    }
    const clients = [...Array.from({ length: 12 }, () => client(true)), ...Array.from({ length: 6 }, () => client(false))]
    await sleep(500)
    const [leaver] = fleet.replicas
    leaver?.child.kill('SIGTERM')
    expect(await leaver?.exited).toBe(0)
    await sleep(500)
    going = false
    await Promise.all(clients)
    expect(lost).toEqual([])
    expect(fleet.balancer.given.get(leaver?.url ?? ''), 'requests that it was given').toBeGreaterThan(0)
  })

  it('leave books that add up, with one settled attempt for each answer', { timeout: 30_000 }, async () => {
    const cli = commandLine()
    const env = { ...fleet.state.env, TOLLGATE_CONFIG: fleet.configFolder }
    const verified = await cli.run(['ledger', 'verify'], { env })
    cli.remove()
    expect(verified).toMatchObject({ code: 0, out: expect.stringContaining(`${answered} attempts (${answered} settled)`) })
  })
})

async function codeOf(answer: Response): Promise<string> {
  const { error } = (await answer.json()) as { error?: { code: string } }
  return `${answer.status} ${error?.code ?? 'ok'}`
}
