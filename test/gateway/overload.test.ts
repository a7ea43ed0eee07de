import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ApiAnswer } from '../support/gateway.ts'
import { completion, openRelayed, PROVIDER_KEYS, type Relayed } from '../support/relayed.ts'

// A gateway that has as much to do as it can: who has more than his share is told so at once, and nobody else notices.

let scene: Relayed
beforeAll(async () => {
  scene = await openRelayed({ config: { 'gateway.yaml': 'overload: { running: 20 }\n' } })
})
afterAll(() => scene.close())

const tenant = async (slug: string, plan: string) => {
  const made = await scene.gateway.tenant(slug, plan)
  await scene.hand.setting(made.id, 'OPENAI_API_KEY', PROVIDER_KEYS.OPENAI_API_KEY)
  await scene.hand.holds(made.key, 'openai/gpt-4o')
  return made
}
const ask = (key: string): Promise<ApiAnswer> =>
  scene.gateway.call('POST', '/v1/chat/completions', { key, body: { model: 'openai/gpt-4o', messages: [] } })
const codesOf = (answers: readonly ApiAnswer[]) =>
  Object.fromEntries(
    [...Map.groupBy(answers, ({ status, body }) => (status === 200 ? 'ok' : body.error.code))].map(([code, all]) => [code, all.length]),
  )

it('F-36 one tenant cannot take all of it: with limits it meets them, without any the process has its own', async () => {
  const [flood, other, bounded] = [
    await tenant('flood', 'enterprise'),
    await tenant('other', 'enterprise'),
    await tenant('bounded', 'solo'),
  ]
  scene.provider.answer({ body: completion(), after: 3_000 })
  const flooding = Promise.all(Array.from({ length: 60 }, () => ask(flood.key)))
  await expect.poll(async () => (await ask(flood.key)).body.error?.code, { timeout: 2_500 }).toBe('overloaded')
  const refused = await ask(flood.key)
  expect({ status: refused.status, after: refused.headers.get('retry-after') }).toEqual({ status: 503, after: '1' })
  expect(refused.body.error.message).toContain('flood has its share of that')
  const [others, bound] = await Promise.all([
    Promise.all([1, 2, 3].map(() => ask(other.key))),
    Promise.all(Array.from({ length: 12 }, () => ask(bounded.key))),
  ])
  expect(codesOf(others)).toEqual({ ok: 3 })
  expect(codesOf(bound)).toMatchObject({ concurrency_limit_exceeded: expect.any(Number) })
  expect(bound.filter(({ status }) => status === 200).length).toBeGreaterThan(0)
  expect(codesOf(await flooding)['ok']).toBeLessThanOrEqual(21)
  scene.provider.answer({ body: completion() })
  expect((await ask(flood.key)).status).toBe(200)
})
