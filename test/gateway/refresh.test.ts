import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { type GatewayOptions, startGateway, type TestGateway } from '../support/gateway.ts'
import { entry } from '../support/stores.ts'
import { openTestWorld } from '../support/world.ts'

const shipped = readFileSync(join(import.meta.dirname, '../../src/catalog/catalog.json'), 'utf8')
const list = JSON.parse(shipped)

const gateways: TestGateway[] = []
const mirrors: FakeProvider[] = []
afterEach(async () => {
  // Replicas first: the state is dropped with the gateway that made it.
  for (const gateway of gateways.splice(0).reverse()) await gateway.stop()
  for (const mirror of mirrors.splice(0)) await mirror.close()
})

async function gatewayWith(options?: GatewayOptions): Promise<TestGateway> {
  const gateway = await startGateway(options)
  gateways.push(gateway)
  return gateway
}

/** A place that gives this list, and a gateway that knows of it. */
async function mirrorOf(text: string, more = ''): Promise<{ mirror: FakeProvider; gateway: TestGateway; config: string }> {
  const mirror = await startFakeProvider({ body: text })
  mirrors.push(mirror)
  const config = `catalog: { url: "${mirror.origin}/catalog.json", private: true${more} }\n`
  return { mirror, config, gateway: await gatewayWith({ config: { 'gateway.yaml': config } }) }
}

/** The shipped list with something changed in it. */
const changed = (change: (models: typeof list.models) => void): string => {
  const copy = structuredClone(list)
  change(copy.models)
  return JSON.stringify(copy)
}
const named = (models: typeof list.models, id: string) => models.find((model: { id: string }) => model.id === id)

async function priceOf({ api }: TestGateway, name: string) {
  const { body } = await api('GET', `/models?q=${name}&limit=1000`)
  return body.data.find((model: { name: string }) => model.name === name)?.price
}

describe('a refresh', () => {
  it('brings prices and models into force at once, under a snapshot of their own, and notes who asked', async () => {
    const news = changed((models) => {
      named(models, 'gpt-6-luna').offers[0].price.input = 90_000
      models.push({
        ...named(models, 'gpt-6-luna'),
        id: 'gpt-7-luna',
        aliases: undefined,
        offers: [{ provider: 'openai', wireModel: 'gpt-7-luna' }],
      })
    })
    const { gateway } = await mirrorOf(news)
    const { body } = await gateway.api('POST', '/catalog/refresh', {})
    expect(body).toMatchObject({
      verdict: 'taken',
      models: list.models.length + 1,
      added: { names: ['gpt-7-luna'] },
      repriced: { names: ['openai/gpt-6-luna'] },
    })
    expect(await priceOf(gateway, 'openai/gpt-6-luna')).toMatchObject({ input: 0.09, snapshot: body.snapshot })
    expect((await gateway.api('GET', '/catalog')).body).toMatchObject({ snapshot: body.snapshot, shipped: list.snapshot })
    expect((await gateway.api('GET', '/audit')).body.data[0]).toMatchObject({
      action: 'catalog.refresh',
      detail: { snapshot: body.snapshot },
    })
    expect((await gateway.api('POST', '/catalog/refresh', {})).body.verdict).toBe('unchanged')
  })

  it('is there after a restart without network, and the shipped list is there without any', async () => {
    const { gateway, mirror } = await mirrorOf(changed((models) => void (named(models, 'gpt-6-luna').offers[0].price.input = 90_000)))
    expect((await gateway.api('GET', '/catalog')).body.refreshed).toBeNull()
    const { body } = await gateway.api('POST', '/catalog/refresh', {})
    await mirror.close()
    const again = await gatewayWith({ state: gateway.state })
    expect((await again.api('GET', '/catalog')).body.snapshot).toBe(body.snapshot)
    expect(await priceOf(again, 'openai/gpt-6-luna')).toMatchObject({ input: 0.09 })
  })

  it('is taken back by a word, to what was in force before it, and counts no more once a release ships a newer list', async () => {
    const { gateway } = await mirrorOf(changed((models) => void (named(models, 'gpt-6-luna').offers[0].price.input = 90_000)))
    await gateway.api('POST', '/catalog/refresh', {})
    expect((await gateway.api('POST', '/catalog/revert')).body).toMatchObject({ snapshot: list.snapshot, refreshed: null })
    expect(await priceOf(gateway, 'openai/gpt-6-luna')).toMatchObject({ input: 0.1, snapshot: list.snapshot })
    expect((await gateway.api('POST', '/catalog/revert')).status).toBe(404)
    const { world, close } = await openTestWorld()
    const old = { snapshot: 'old', source: 'a.json', takenAt: '2020-01-01T00:00:00.000Z', models: [] }
    await world.store.catalog.keep({ ...old, built: '2020-01-01' }, entry('catalog.refresh'))
    expect(world.configured().catalog.snapshot).toBe(list.snapshot)
    await world.store.catalog.keep({ ...old, built: '2999-01-01' }, entry('catalog.refresh'))
    expect(world.configured().catalog.snapshot).toBe('old')
    await close()
  })

  it('in one process reaches every other', async () => {
    const { gateway } = await mirrorOf(changed((models) => void (named(models, 'gpt-6-luna').offers[0].price.input = 90_000)))
    const other = await gatewayWith({ state: gateway.state })
    const { body } = await gateway.api('POST', '/catalog/refresh', {})
    for (let waited = 0; waited < 3_000; waited += 50) {
      if ((await other.api('GET', '/catalog')).body.snapshot === body.snapshot) break
      await sleep(50)
    }
    expect(await priceOf(other, 'openai/gpt-6-luna')).toMatchObject({ input: 0.09, snapshot: body.snapshot })
  })

  it('comes by itself where the configuration says how often, and not where it does not', async () => {
    const { mirror } = await mirrorOf(shipped)
    await sleep(200)
    expect(mirror.journal).toEqual([])
    const scheduled = await mirrorOf(shipped, ', every: 24h')
    await scheduled.mirror.received()
    for (let waited = 0; waited < 3_000 && !scheduled.gateway.log.some((line) => line.includes('Prices were refreshed')); waited += 50)
      await sleep(50)
    expect((await scheduled.gateway.api('GET', '/audit')).body.data[0]).toMatchObject({ actor: 'schedule', action: 'catalog.refresh' })
  })
})

const perToken = changed((models) => {
  for (const model of models) {
    for (const { price } of model.offers) if (price?.input !== undefined) price.input = Math.round(price.input / 1e6)
  }
})

const withoutPrices = (model: typeof list) => ({
  ...model,
  offers: model.offers.map(({ provider, wireModel }: typeof list) => ({ provider, wireModel })),
})

describe('a poisoned list', () => {
  it.each<[what: string, text: string, because: RegExp]>([
    ['with prices per token read as per million', perToken, /half of all input costs 0(\.\d+)? USD per million tokens|more than 10 times/],
    ['cut on its way', shipped.slice(0, shipped.length / 2), /not valid JSON.*Was it cut/],
    ['that is empty', '', /not valid JSON: it is empty/],
    ['of eleven rows', JSON.stringify({ models: list.models.slice(0, 11) }), /11 models, and \d+ are in force/],
    ['without its prices', JSON.stringify({ models: list.models.map(withoutPrices) }), /0 prices, and/],
    [
      'where one model costs eleven times as much',
      changed((models) => void (named(models, 'gpt-6-luna').offers[0].price.output *= 11)),
      /^openai\/gpt-6-luna: output goes from 500000 to 5500000/,
    ],
    [
      'where one model is free',
      changed((models) => void (named(models, 'gpt-6-luna').offers[0].price.input = 0)),
      /^openai\/gpt-6-luna: input goes from 100000 to 0/m,
    ],
    [
      'with a price that is negative',
      changed((models) => void (named(models, 'gpt-6-luna').offers[0].price.input = -1)),
      /^openai\/gpt-6-luna: input of -1 pico-dollars/,
    ],
    [
      'with a rate of a kind nobody knows',
      changed((models) => void (named(models, 'gpt-6-luna').offers[0].price.smell = 1)),
      /Unrecognized key: "smell"/,
    ],
    [
      'with a tier of service that is next to free',
      changed((models) => void (named(models, 'gpt-6-luna').offers[0].price.variants = [{ service: 'flex', input: 1, output: 1 }])),
      /variant 1 is more than 20 times off/,
    ],
    [
      'where a price has lost its half',
      changed((models) => void (named(models, 'gpt-6-luna').offers[0].price.output = undefined)),
      /^openai\/gpt-6-luna: output is not told any more/,
    ],
    [
      'made before the one in force',
      JSON.stringify({ ...list, built: '2020-01-01' }),
      /^It was made on 2020-01-01, before the one in force/,
    ],
    [
      'with a longer prompt that is next to free',
      changed((models) => void (named(models, 'gpt-6-luna').offers[0].price.tiers = [{ above: 9, input: 1, output: 1 }])),
      /above 9 tokens it is more than 20 times off/,
    ],
    ['of another kind', JSON.stringify({ prices: [] }), /^models: /],
    ['that names a model twice', changed((models) => void models.push(models[0])), /is listed twice/],
  ])('%s changes nothing and says why', async (_what, text, because) => {
    const { gateway } = await mirrorOf(text)
    const before = (await gateway.api('GET', '/models?limit=1000')).body
    const { body } = await gateway.api('POST', '/catalog/refresh', {})
    expect(body.verdict).toBe('refused')
    expect(body.because.join('\n')).toMatch(because)
    expect((await gateway.api('GET', '/models?limit=1000')).body).toEqual(before)
    expect((await gateway.api('GET', '/audit')).body.data[0]).toMatchObject({ action: 'catalog.refuse', detail: { because: body.because } })
  })

  it('may leap on the word of an operator who names the offer', async () => {
    const { gateway } = await mirrorOf(changed((models) => void (named(models, 'gpt-6-luna').offers[0].price.output *= 11)))
    const { body } = await gateway.api('POST', '/catalog/refresh', { accept: ['openai/gpt-6-luna'] })
    expect(body).toMatchObject({ verdict: 'taken', repriced: { names: ['openai/gpt-6-luna'] } })
  })
})

describe('a source', () => {
  it('that is away, refuses, redirects or sends without end leaves what is in force', async () => {
    const { gateway, mirror } = await mirrorOf(shipped)
    const words = async () => (await gateway.api('POST', '/catalog/refresh', {})).body.because.join()
    mirror.answer({ status: 302, headers: { location: 'http://169.254.169.254/' } })
    expect(await words()).toMatch(/answered 302 where 200 was wanted/)
    mirror.answer({ body: Buffer.alloc(17 * 1024 * 1024, ' ') })
    expect(await words()).toMatch(/sends more than 16777216 bytes/)
    await mirror.close()
    expect(await words()).toMatch(/cannot be reached \(ECONNREFUSED\)/)
    expect((await gateway.api('GET', '/catalog')).body.snapshot).toBe(list.snapshot)
  })

  it('on an inner network is dialled only where the configuration calls it private', async () => {
    const { gateway, mirror } = await mirrorOf(shipped)
    const { body } = await gateway.api('POST', '/catalog/refresh', { url: `${mirror.origin}/other.json` })
    expect(body).toMatchObject({ verdict: 'refused' })
    expect(body.because.join()).toMatch(/https/)
    expect(mirror.journal).toEqual([])
  })

  it('is asked by one refresh at a time', async () => {
    const { gateway, mirror } = await mirrorOf(shipped)
    mirror.answer({ body: shipped, after: 300 })
    const both = await Promise.all([gateway.api('POST', '/catalog/refresh', {}), gateway.api('POST', '/catalog/refresh', {})])
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 503])
    expect(mirror.journal.length).toBe(1)
  })
})
