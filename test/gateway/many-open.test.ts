import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, expect, it } from 'vitest'
import { until } from '../support/by-hand.ts'
import { type ChaosProvider, json, startChaosProvider } from '../support/chaos-provider.ts'
import { type Installation, install } from '../support/installation.ts'
import { completion } from '../support/relayed.ts'

// What a process left open in the middle of very much work.

const MODELS = 'models:\n  flat: { offers: [{ provider: openai, wire_model: flat, price: { input: 1, output: 2 } }] }\n'
/** A million takes the same time to be ready, and some minutes of this machine's to be made and closed. */
const MANY = Number(process.env['OPEN_RESERVATIONS'] ?? 20_000)

let provider: ChaosProvider
let installation: Installation
afterEach(async () => {
  await installation.kill()
  installation.remove()
  await provider.close()
})

it(`F-61 ${MANY} open reservations: ready within ten seconds, and each is closed as an estimate`, async () => {
  provider = await startChaosProvider(() => {})
  installation = await install({ provider: provider.origin, config: { 'models.yaml': MODELS } })
  await installation.start()
  const { key } = await installation.tenant('acme')
  const ask = () =>
    fetch(`${installation.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'openai/flat', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 9 }),
    }).catch(() => undefined)
  const cut = ask()
  await until('the provider to be asked', () => provider.journal.length || undefined, 5_000)
  await installation.kill()
  await cut
  const db = new Database(join(installation.dataFolder, 'tollgate.db'))
  db.prepare(
    `WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
    INSERT INTO attempts (request_id, attempt, tenant_id, boot, start)
    SELECT request_id || '-' || i, 1, tenant_id, boot, json_set(start, '$.requestId', request_id || '-' || i) FROM n, (SELECT * FROM attempts)`,
  ).run(MANY)
  const began = performance.now()
  await installation.start()
  expect(performance.now() - began, 'milliseconds to ready').toBeLessThan(10_000)
  provider.behave((wire) => wire.send(json(JSON.stringify(completion()))))
  expect((await ask())?.status, 'while they are being closed').toBe(200)
  const states = db.prepare<[], [string, number]>('SELECT state, count(*) FROM ends GROUP BY state ORDER BY state').raw()
  const closed = () => (states.all().some(([state, count]) => state === 'estimated' && count === MANY) ? true : undefined)
  await until('all to be closed', closed, 60_000 + MANY)
  expect(states.all()).toEqual([
    ['estimated', MANY],
    ['settled', 1],
  ])
  db.close()
}, 2_000_000)
