import { afterAll, beforeAll, expect, it } from 'vitest'
import { completion, openRelayed, type Relayed } from '../support/relayed.ts'

// An error that nobody foresaw, in the middle of a request.

let scene: Relayed
beforeAll(async () => {
  scene = await openRelayed({ script: { body: completion() } })
})
afterAll(() => scene.close())

it('F-62 is one 500 of that request alone, told without what it was about, and the next request knows nothing of it', async () => {
  const answered = await scene.post()
  await answered.text()
  const id = answered.headers.get('x-request-id')
  await scene.hand.settled(scene.tenant.id)
  // What no version ever wrote.
  await scene.hand.run("UPDATE ends SET outcome = '{canary-of-a-row'")
  const [thrown, ...others] = await Promise.all([scene.gateway.api('GET', `/requests/${id}`), ...[1, 2, 3].map(() => scene.post())])
  expect(thrown).toMatchObject({ status: 500, body: { error: { code: 'internal_error' } } })
  expect(others.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(JSON.stringify(thrown?.body)).not.toContain('canary')
  expect((await scene.post()).status).toBe(200)
  const told = scene.gateway.log.filter((line) => line.includes('internal_error'))
  expect(told).toHaveLength(1)
})
