import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { completion, delta, finish, openRelayed, type Relayed, usageFrame } from '../support/relayed.ts'

// Somebody sets the machine's clock while answers are under way.

const HOUR = 3_600_000
const YEAR = 365 * 24 * HOUR
const told = Date.now
let step = 0

let scene: Relayed
beforeAll(async () => {
  vi.spyOn(Date, 'now').mockImplementation(() => told() + step)
  scene = await openRelayed({
    config: { 'gateway.yaml': 'deadlines: { first_byte: 900ms, first_byte_unstreamed: 900ms, progress: 900ms }\n' },
  })
})
afterEach(() => {
  step = 0
})
afterAll(async () => {
  await scene.close()
  vi.restoreAllMocks()
})

const steps = { 'an hour forward': HOUR, 'an hour back': -HOUR, 'a year forward': YEAR, 'a year back': -YEAR }

for (const [what, by] of Object.entries(steps)) {
  it(`F-50 ${what}: a stream goes on, and took as long as it took`, async () => {
    scene.provider.answer({ events: [delta('Hel'), 400, delta('lo'), finish(), usageFrame(7, 2), '[DONE]'] })
    const before = (await scene.hand.booked(scene.tenant.id)).length
    const response = await scene.post({ stream: true })
    step = by
    expect(await response.text()).toContain('[DONE]')
    const row = (await scene.hand.settled(scene.tenant.id, before + 1)).at(-1)
    expect(row).toMatchObject({ state: 'settled', outcome: { usage: { input: 7, output: 2 } } })
    expect(row?.outcome.timings.total).toBeGreaterThanOrEqual(390)
    expect(row?.outcome.timings.total).toBeLessThan(5_000)
  })

  it(`F-50 ${what}: silence is still noticed, and keys still open`, async () => {
    scene.provider.answer({ after: 4_000, body: completion() })
    const began = performance.now()
    const silent = scene.post()
    step = by
    expect((await silent).status).toBe(504)
    expect(performance.now() - began).toBeGreaterThan(850)
    expect(performance.now() - began).toBeLessThan(3_500)
    scene.provider.answer({ body: completion() })
    expect((await scene.post()).status).toBe(200)
  })
}

it('F-50 a minute is a minute: no step of the clock lets in more than a plan allows within it', async () => {
  scene.provider.answer({ body: completion() })
  const { key } = await scene.hand.tenant('rated', 'enterprise', { limits: { rpm: 2, tpm: null, concurrency: null } })
  const ask = async () => {
    const body = { model: 'demo/echo', messages: [{ role: 'user', content: 'Hello' }] }
    return (await scene.gateway.call('POST', '/v1/chat/completions', { key, body })).status
  }
  expect([await ask(), await ask(), await ask()]).toEqual([200, 200, 429])
  for (const [what, by] of Object.entries(steps)) {
    step = by
    expect(await ask(), what).toBe(429)
  }
})
