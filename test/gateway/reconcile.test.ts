import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CommandLine, commandLine } from '../support/command-line.ts'
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { completion } from '../support/relayed.ts'

// The books of real requests against an export as the provider's dashboard gives it, by the command line.

let vendor: FakeProvider
let gateway: TestGateway
let cli: CommandLine
let booked: { input: number; output: number; cost: string }

const MONTH = new Date().toISOString().slice(0, 7)
const TODAY = Math.floor(Date.now() / 86_400_000) * 86_400

beforeAll(async () => {
  vendor = await startFakeProvider({ body: completion() })
  cli = commandLine()
  gateway = await startGateway({ providers: { openai: `${vendor.origin}/v1` }, env: { OPENAI_API_KEY: 'sk-proj-0123456789abcdefghij' } })
  const { key } = await gateway.tenant('acme', 'enterprise')
  const body = { model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Hello' }] }
  expect((await gateway.call('POST', '/v1/chat/completions', { key, body })).status).toBe(200)
  const [row] = (await gateway.api('GET', '/requests')).body.data
  const amount = (what: string) =>
    row.lines
      .filter((line: { what: string }) => line.what === what)
      .reduce((sum: number, { quantity, rate }: { quantity: number; rate: number }) => sum + quantity * rate, 0)
  booked = { input: amount('input'), output: amount('output') + amount('reasoning'), cost: row.cost_usd }
})
afterAll(async () => {
  await gateway.stop()
  await vendor.close()
  cli.remove()
})

const dollars = (pico: number) => (pico / 1e12).toFixed(12)
const exported = (...lines: readonly [item: string, usd: string, project: string][]): string => {
  const head = 'start_time,end_time,amount_value,amount_currency,line_item,api_key_id,project_id,project_name'
  const rows = lines.map(([item, usd, project]) => `${TODAY},${TODAY + 86_400},${usd},usd,"${item}",key_${project},${project},`)
  const file = join(mkdtempSync(join(tmpdir(), 'tollgate-export-')), 'cost.csv')
  writeFileSync(file, [head, ...rows, ''].join('\n'))
  return file
}
const reconcile = (file: string, ...more: string[]) =>
  cli.run(['reconcile', '--provider', 'openai', '--month', MONTH, '--file', file, ...more], {
    env: { ...gateway.state.env, TOLLGATE_CONFIG: gateway.configFolder },
  })

describe('tollgate reconcile', () => {
  const ours = (): [string, string, string][] => [
    ['gpt-5-mini-2025-08-07, input', dollars(booked.input), 'gateway'],
    ['gpt-5-mini-2025-08-07, output', dollars(booked.output), 'gateway'],
  ]

  it('finds nothing where all that is billed is booked', async () => {
    const { code, out } = await reconcile(exported(...ours()))
    expect(out).toContain(`and the books have ${booked.cost} in 1 attempts: 0 apart.`)
    expect([code, out]).toEqual([0, expect.stringContaining('Nothing is left unexplained.')])
  })

  it('finds a key that is used elsewhere, and says which', async () => {
    const file = exported(...ours(), ['gpt-5-pro, output', '12.5', 'else'], ['web search tool calls', '0.02', 'gateway'])
    const { code, out } = await reconcile(file)
    expect(out).toMatch(/not through the gateway +12\.5 +gpt-5-pro +1 +key_else, else/)
    expect(out).toMatch(/searches and other work at the provider's side +0\.02/)
    expect(code).toBe(0)
    const same = exported(...ours(), ['gpt-5-mini-2025-08-07, output', '1', 'else'])
    expect((await reconcile(same)).code).toBe(1)
    const told = (await reconcile(same, '--own', 'gateway', '--json')).json()
    expect(told).toMatchObject({
      difference_usd: '1',
      explained: [{ cause: 'outside', amount_usd: '1', accounts: ['key_else', 'else'] }],
      unexplained: [],
    })
  })

  it('says what it cannot read', async () => {
    const file = exported()
    writeFileSync(file, 'a,b\n1,2\n')
    const { code, err } = await reconcile(file)
    expect([code, err.trim()]).toEqual([
      1,
      'The file is no export of cost or usage of openai that is known: give it as it came, CSV or JSON.',
    ])
    const other = await gateway.api('POST', '/reconcile', { provider: 'groq', month: MONTH, file: { text: '' } })
    expect(other.body.error.message).toBe('No export of groq can be read. Those of these can: anthropic, openai.')
    expect((await cli.run(['reconcile', '--provider', 'openai', '--month', MONTH, '--file', '/nowhere'])).code).toBe(2)
  })
})
