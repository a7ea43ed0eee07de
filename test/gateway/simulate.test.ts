import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SimulateOptions } from '../../src/cli/local.ts'
import { loadConfig } from '../../src/config/load.ts'
import { simulation } from '../../src/main/simulation.ts'
import { openWorld, type World } from '../../src/main/world.ts'
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { completion } from '../support/relayed.ts'

// What was really asked, judged again under another configuration, before anybody lives with it.

const shippedPlans = readFileSync(join(import.meta.dirname, '../../config/plans.yaml'), 'utf8')
const list = JSON.parse(readFileSync(join(import.meta.dirname, '../../src/catalog/catalog.json'), 'utf8'))
const HOUSE = `models:
  house: { tier: economy, offers: [{ provider: openai, wire_model: house, price: { input: 1, output: 1 } }, { provider: groq, wire_model: house, price: { input: 3, output: 1 } }] }
`

let vendor: FakeProvider
let gateway: TestGateway
let world: World

beforeAll(async () => {
  vendor = await startFakeProvider({ body: completion() })
  const env = { OPENAI_API_KEY: 'sk-proj-0123456789abcdefghij', GROQ_API_KEY: 'gsk_0123456789abcdefghij' }
  gateway = await startGateway({
    providers: { openai: `${vendor.origin}/v1`, groq: `${vendor.origin}/v1` },
    env,
    config: { 'models.yaml': HOUSE },
  })
  const acme = await gateway.tenant('acme', 'team')
  const beta = await gateway.tenant('beta', 'pro')
  const watched = await gateway.tenant('watched', 'team', { enforcement: 'observe', limits: { rpm: 1 } })
  const ask = async (key: string, model: string, times: number) => {
    const answers = []
    for (let at = 0; at < times; at++) {
      answers.push(
        await gateway.call('POST', '/v1/chat/completions', {
          key,
          body: { model, messages: [{ role: 'user', content: 'a secret canary' }] },
        }),
      )
    }
    return answers
  }
  await ask(acme.key, 'gpt-6-luna', 3)
  await ask(acme.key, 'gpt-5.6-sol', 1)
  await ask(acme.key, 'house', 2)
  await ask(beta.key, 'gpt-5.6-sol', 2)
  await ask(beta.key, 'no-such-model', 1)
  const observed = await ask(watched.key, 'gpt-5.6-sol', 2)
  expect(observed.map(({ status, headers }) => [status, headers.get('x-tollgate-would-refuse')])).toEqual([
    [200, 'model_not_in_plan'],
    [200, 'model_not_in_plan'],
  ])
  const settings = { ...env, ...gateway.state.env, TOLLGATE_CONFIG: gateway.configFolder }
  world = await openWorld({ config: loadConfig({ folder: gateway.configFolder, env: settings }), env: settings })
  for (let waited = 0; waited < 15_000 && (await world.store.asks.since(0)).length < 6; waited += 100) await sleep(100)
}, 30_000)
afterAll(async () => {
  await world.close()
  await gateway.stop()
  await vendor.close()
})

const under = (changed: Partial<SimulateOptions>) =>
  simulation(world, { days: 30, plans: undefined, catalog: undefined, folder: undefined, without: [], ...changed })

function file(name: string, text: string): string {
  const path = join(gateway.configFolder, name)
  writeFileSync(path, text)
  return path
}

describe('asks', () => {
  it('are kept as shapes and counts, with the usage that came, and never a word of what was said', async () => {
    const asks = await world.store.asks.since(0)
    const luna = asks.find(({ shape }) => shape?.model === 'gpt-6-luna')
    expect(luna).toMatchObject({
      asked: 3,
      refused: 0,
      answered: 3,
      input: 21,
      output: 9,
      shape: { endpoint: 'chat', stream: false, needs: [] },
    })
    expect(
      asks
        .filter(({ refused }) => refused > 0)
        .map(({ shape }) => shape?.model)
        .toSorted(),
    ).toEqual(['gpt-5.6-sol', 'no-such-model'])
    expect(JSON.stringify(await gateway.state.stored())).not.toContain('canary')
    expect(JSON.stringify(asks)).not.toContain('canary')
  })
})

describe('a simulation', () => {
  it('of no change finds none', async () => {
    const same = await under({})
    expect(same).toMatchObject({ calls: 11, skipped: 0, changes: [] })
    expect(same.after).toEqual(same.before)
    expect(same.before).toMatchObject({ refused: 2, waived: 2 })
  })

  it('of other plans tells who loses and who gains which models, and why', async () => {
    const plans = file(
      'plans-next.yaml',
      shippedPlans
        .replace('models: [economy, standard, premium]', 'models: [economy, standard]')
        .replace('extends: solo\n', 'extends: solo\n    models: [economy, standard, premium]\n'),
    )
    const { changes, before, after } = await under({ plans })
    expect(changes.map(({ because: _, ...change }) => change)).toEqual([
      { kind: 'lost', tenant: 'beta', model: 'gpt-5.6-sol', calls: 2, from: 'openai/gpt-5.6-sol (platform)', to: 'credential_missing' },
      { kind: 'gained', tenant: 'acme', model: 'gpt-5.6-sol', calls: 1, from: 'credential_missing', to: 'openai/gpt-5.6-sol (platform)' },
    ])
    expect(changes[0]?.because).toContain('Plan pro lets beta use openai/gpt-5.6-sol with its own key, but no key for openai is stored')
    expect([before.refused, after.refused, before.waived, after.waived]).toEqual([2, 3, 2, 0])
    expect(after.unpriced).toBe(1)
  })

  it('without a provider tells what moves, what is lost, and what it does to cost and charge', async () => {
    const { changes, before, after } = await under({ without: ['openai'] })
    expect(changes.map(({ kind, tenant, model, calls, to }) => [kind, tenant, model, calls, to])).toEqual([
      ['lost', 'acme', 'gpt-6-luna', 3, 'no_eligible_model'],
      ['lost', 'beta', 'gpt-5.6-sol', 2, 'no_eligible_model'],
      ['lost', 'watched', 'gpt-5.6-sol', 2, 'no_eligible_model'],
      ['rerouted', 'acme', 'house', 2, 'groq/house (platform)'],
    ])
    // Seven tokens in and three out, twice at 1 and 1 USD a million; at 3 and 1 on the other provider.
    expect(after).toMatchObject({ refused: 9, cost: 48_000n, charge: 48_000n })
    // 3 of gpt-6-luna at 0.1 and 0.5, 4 of gpt-5.6-sol at 4 and 20, 2 of house.
    expect(before).toMatchObject({ refused: 2, cost: 6_600n + 352_000n + 20_000n })
  })

  it('follows the fallbacks of a plan as a call does', async () => {
    const fallback = 'fallback: [{ on: outage, to: demo/echo, pay: platform }]'
    const plans = file('plans-falling-back.yaml', shippedPlans.replace('fallback: []', fallback))
    const of = async (options: Partial<SimulateOptions>) => (await under(options)).changes.find(({ model }) => model === 'house')
    expect(await of({ without: ['openai', 'groq'] })).toMatchObject({ kind: 'lost', calls: 2, to: 'provider_disabled' })
    expect(await of({ plans, without: ['openai', 'groq'] })).toMatchObject({ kind: 'rerouted', calls: 2, to: 'demo/echo (none)' })
  })

  it('of another price list tells what is priced otherwise', async () => {
    const models = structuredClone(list.models)
    models.find(({ id }: { id: string }) => id === 'gpt-6-luna').offers[0].price.input *= 2
    const { changes, before, after } = await under({ catalog: file('next.json', JSON.stringify({ models })) })
    expect(changes).toMatchObject([{ kind: 'repriced', tenant: 'acme', model: 'gpt-6-luna', calls: 3 }])
    expect(after.cost - before.cost).toBe(2_100n)
  })

  it('refuses what cannot be: a file with a mistake, a provider nobody knows', async () => {
    await expect(under({ plans: file('bad.yaml', 'plans: { gold: { modles: [] } }') })).rejects.toThrow(/"modles" is no key here/)
    await expect(under({ catalog: file('bad.json', '{}') })).rejects.toThrow(/bad.json: models/)
    await expect(under({ without: ['nobody'] })).rejects.toThrow(/no provider nobody/)
  })
})
