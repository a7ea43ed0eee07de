import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { commandLine } from '../support/command-line.ts'
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'

// What ended is told to a billing system and into a folder, by a whole gateway; and an operator sees how far each has come.

let receiver: FakeProvider
let gateway: TestGateway
let lake: string

beforeEach(async () => {
  receiver = await startFakeProvider({ status: 200 })
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-export-'))
  lake = join(folder, 'lake')
  const secret = join(folder, 'secret')
  writeFileSync(secret, 'a shared secret\n', { mode: 0o600 })
  const billing = `{ name: billing, url: "${receiver.origin}/usage", secret_file: "${secret}", private: true }`
  gateway = await startGateway({ config: { 'gateway.yaml': `ledger_export:\n  - ${billing}\n  - { name: lake, folder: "${lake}" }\n` } })
})
afterEach(async () => {
  await gateway.stop()
  await receiver.close()
})

const ask = async (key: string) =>
  (
    await gateway.call('POST', '/v1/chat/completions', {
      key,
      body: { model: 'demo/echo', messages: [{ role: 'user', content: 'Hello' }] },
    })
  ).status

it('each attempt is told as its tenant’s export has it, and where one takes nothing an operator hears of it', async () => {
  const { key } = await gateway.tenant('acme', 'team', { providers: ['demo'] })
  expect(await ask(key)).toBe(200)
  const heard = () => receiver.journal.flatMap(({ body }) => JSON.parse(body.toString()).data.rows)
  await expect.poll(heard, { timeout: 6_000 }).toHaveLength(1)
  const exported: string = (await gateway.call('GET', '/admin/v1/tenants/acme/export', { key: gateway.adminKey })).body
  const attempt = exported.split('\n').find((line) => line.startsWith('{"record":"attempt"'))
  const [{ seq, id, ...row }] = heard()
  expect(row).toEqual(JSON.parse(attempt ?? ''))
  expect(id).toBe(`${row.request_id}.1`)
  const lines = () => readdirSync(lake).map((file) => readFileSync(join(lake, file), 'utf8'))
  await expect.poll(lines, { timeout: 6_000 }).toEqual([`${JSON.stringify(heard()[0])}\n`])

  receiver.answer({ status: 500 })
  expect(await ask(key)).toBe(200)
  const billing = async () => (await gateway.api('GET', '/ledger-exports')).body.data[0]
  await expect
    .poll(billing, { timeout: 6_000 })
    .toMatchObject({ destination: 'billing', state: 'failing', seq, waiting: 1, error: 'answered 500' })
  const metrics = async () => (await gateway.call('GET', '/metrics', { key: gateway.adminKey })).body
  await expect.poll(metrics, { timeout: 9_000 }).toContain('tollgate_ledger_export_waiting{destination="billing"} 1\n')
  const codes = (await gateway.api('GET', '/doctor')).body.data.map(({ code }: { code: string }) => code)
  expect(codes).toContain('export_failing')
  const cli = commandLine()
  const { out } = await cli.run(['db', 'status'], { env: { ...gateway.state.env, TOLLGATE_CONFIG: gateway.configFolder } })
  expect(out).toMatch(/export billing +failing, 1 rows wait: answered 500/)
  cli.remove()

  receiver.answer({ status: 200 })
  expect((await gateway.api('POST', '/ledger-exports/nobody/resume')).status).toBe(404)
  expect((await gateway.api('POST', '/ledger-exports/billing/resume')).body).toMatchObject({ destination: 'billing' })
  await expect.poll(billing, { timeout: 6_000 }).toMatchObject({ state: 'current', waiting: 0 })
})
