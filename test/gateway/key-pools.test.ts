import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../support/by-hand.ts'
import type { Received } from '../support/fake-provider.ts'
import { completion, openRelayed, type Relayed } from '../support/relayed.ts'

// Several keys for one provider: in a tenant's row, and the platform's.

const A = 'sk-proj-pool-of-the-tenant-aaaa'
const B = 'sk-proj-pool-of-the-tenant-bbbb'
const PLATFORM = ['gsk_of-the-platform-0001', 'gsk_of-the-platform-0002', 'gsk_of-the-platform-0003']

let scene: Relayed
beforeAll(async () => {
  scene = await openRelayed({
    env: {
      MISTRAL_API_KEY: PLATFORM[0],
      MISTRAL_API_KEY_2: PLATFORM[1],
      MISTRAL_API_KEY_3: PLATFORM[2],
      // No key: the numbers have a gap.
      MISTRAL_API_KEY_5: 'gsk_of-nobody-0005',
    },
    providers: { mistral: 'http://127.0.0.1:1' },
    config: {
      'models.yaml':
        'routes:\n  either: [openai/either, mistral/either]\nmodels:\n  priced: { offers: [{ provider: openai, wire_model: priced, price: { input: 1, output: 2 } }] }\n',
    },
  })
})
afterAll(() => scene.close())
afterEach(() => {
  scene.provider.journal.length = 0
})

const keyOf = ({ headers }: Received): string => headers['authorization']?.replace('Bearer ', '') ?? ''
const keysUsed = (): string[] => scene.provider.journal.map(keyOf)

let names = 0
/** A tenant with these keys for OpenAI in a row written by hand, and a model nobody has failed with yet. */
async function tenantWith(
  keys: readonly object[],
  model = 'openai/any',
): Promise<{ slug: string; id: string; key: string; model: string }> {
  const tenant = await scene.hand.tenant(`pool-${++names}`, 'enterprise')
  await scene.hand.setting(tenant.id, 'OPENAI_API_KEY', JSON.stringify({ keys }))
  await scene.hand.holds(tenant.key, model)
  return { ...tenant, model }
}

async function ask({ key, model }: { key: string; model: string }): Promise<{ status: number; attempts: string | null; code?: string }> {
  const { status, headers, body } = await scene.gateway.call('POST', '/v1/chat/completions', {
    key,
    body: { model, messages: [{ role: 'user', content: 'Hello' }] },
  })
  return {
    status,
    attempts: headers.get('x-tollgate-attempts'),
    ...(status !== 200 && { code: body.error.metadata?.code ?? body.error.code }),
  }
}

const says = (status: number, headers = {}) => ({ status, headers, body: { error: { message: 'No.', type: 'x' } } })
const well = { body: completion('Well.') }

describe('several keys of a tenant', () => {
  it('each have their share of the requests', async () => {
    const tenant = await tenantWith([{ key: A, weight: 9 }, { key: B }])
    scene.provider.answer(well)
    for (let at = 0; at < 100; at++) await ask(tenant)
    const first = keysUsed().filter((key) => key === A).length
    // Of a hundred draws nine in ten; further off than this lies one run in a million.
    expect(first).toBeGreaterThan(70)
    expect(new Set(keysUsed())).toEqual(new Set([A, B]))
  })

  it('have their shares of forms, too, which are sent once', async () => {
    const tenant = await tenantWith([
      { key: A, weight: 0.001 },
      { key: B, weight: 1_000 },
    ])
    scene.provider.answer({ body: { text: 'Hello.' } })
    const form = new FormData()
    form.set('model', 'openai/any')
    form.set('file', new Blob(['sound']), 'a.mp3')
    const headers = { authorization: `Bearer ${tenant.key}` }
    const response = await fetch(`${scene.gateway.url}/v1/audio/transcriptions`, { method: 'POST', headers, body: form })
    expect([response.status, keysUsed()]).toEqual([200, [B]])
  })

  it('are for the models that they say', async () => {
    const tenant = await tenantWith([
      { key: A, models: ['openai/gpt-4*'] },
      { key: B, models: ['*', '!openai/gpt-4*'] },
    ])
    scene.provider.answer(well)
    for (const model of ['openai/gpt-4o', 'openai/other', 'openai/gpt-4.1']) await ask({ ...tenant, model })
    expect(keysUsed()).toEqual([A, B, A])
  })

  it('that are all for other models are told of, and nobody is asked', async () => {
    const tenant = await tenantWith([{ key: A, models: ['openai/gpt-4*'] }], 'openai/gpt-4o')
    const { status, body } = await scene.gateway.call('GET', '/v1/explain?model=openai/other', { key: tenant.key })
    expect({ status, code: body.code, because: body.because }).toEqual({
      status: 200,
      code: 'credential_missing',
      because: 'None of the 1 keys for openai is for openai/other.',
    })
    expect(await ask({ ...tenant, model: 'openai/other' })).toMatchObject({ status: 403, code: 'credential_missing' })
  })

  it.each([
    ['429', 429],
    ['a bad key', 401],
    ['an empty account', 402],
  ])('stand in for each other after %s, and the one that failed rests', async (_, status) => {
    const tenant = await tenantWith([
      { key: A, weight: 1_000 },
      { key: B, weight: 0.001 },
    ])
    scene.provider.answer((request) => (keyOf(request) === A ? says(status, { 'retry-after': '30' }) : well))
    expect(await ask(tenant)).toEqual({ status: 200, attempts: '2' })
    expect(keysUsed()).toEqual([A, B])
    expect(await ask(tenant)).toEqual({ status: 200, attempts: '1' })
    expect(keysUsed()).toEqual([A, B, B])
  })

  it('of the tenant are all tried before an outage leads to the money of the platform', async () => {
    const tenant = await scene.hand.tenant('on-outage', 'enterprise', { platform_keys: 'on_outage', unpriced: 'allow' })
    await scene.hand.setting(tenant.id, 'OPENAI_API_KEY', JSON.stringify({ keys: [{ key: A }, { key: B }] }))
    await scene.hand.holds(tenant.key, 'openai/any')
    scene.provider.answer([says(503), well])
    expect(await ask({ ...tenant, model: 'either' })).toEqual({ status: 200, attempts: '2' })
    expect(keysUsed().sort()).toEqual([A, B])
  })

  it('do not stand in for each other where the request may have been processed', async () => {
    const tenant = await tenantWith([{ key: A }, { key: B }])
    scene.provider.answer(says(500))
    expect(await ask(tenant)).toMatchObject({ status: 500, attempts: '1' })
  })

  it('are held to limits of their own, and refused when all are used up', async () => {
    const tenant = await tenantWith([
      { key: A, limits: { rpm: 2 } },
      { key: B, limits: { rpm: 1, concurrency: 1 } },
    ])
    scene.provider.answer(well)
    const got = []
    for (let at = 0; at < 4; at++) got.push(await ask(tenant))
    expect(got.map(({ status }) => status)).toEqual([200, 200, 200, 429])
    expect(got[3]).toMatchObject({ code: 'rate_limit_exceeded' })
    expect(keysUsed().sort()).toEqual([A, A, B])
  })

  it('are stored, listed, tested and removed as one', async () => {
    const tenant = await scene.gateway.tenant('stored', 'enterprise')
    const keys = [
      { key: ` ${A} `, weight: 2 },
      { key: B, models: ['openai/gpt-4*'], limits: { rpm: 60 } },
    ]
    const put = await scene.gateway.api('PUT', '/tenants/stored/provider-keys/openai', { keys })
    expect(put).toMatchObject({
      status: 200,
      body: {
        status: 'usable',
        last4: null,
        notes: ['Blanks around the key were taken off.'],
        keys: [
          { last4: 'aaaa', status: 'usable', weight: 2, models: null, limits: null },
          { last4: 'bbbb', status: 'usable', weight: 1, models: ['openai/gpt-4*'], limits: { rpm: 60 } },
        ],
      },
    })
    expect(JSON.stringify(put.body)).not.toContain('sk-proj')
    scene.provider.answer((request) => (keyOf(request) === A ? well : says(401)))
    const tested = await scene.gateway.api('POST', '/tenants/stored/provider-keys/openai/test')
    expect([tested.body.verdict, keysUsed()]).toEqual(['bad', [A, B]])
    await scene.hand.holds(tenant.key, 'openai/any')
    const removed = await scene.gateway.api('DELETE', '/tenants/stored/provider-keys/openai')
    expect(removed.body.removed).toEqual(['OPENAI_API_KEY'])
  })

  it('stay what they are when they are sealed', async () => {
    const tenant = await tenantWith([
      { key: A, weight: 3 },
      { key: B, models: ['premium'] },
    ])
    const status = async () => (await scene.gateway.api('GET', `/tenants/${tenant.slug}/provider-keys/openai`)).body
    const before = await status()
    await scene.gateway.api('POST', `/tenants/${tenant.slug}/provider-keys/seal`)
    const after = await status()
    expect([before.form, after.form]).toEqual(['plain', 'sealed'])
    expect(after.keys).toEqual(before.keys)
  })

  it.each([
    ['a list that is none', { keys: {} }],
    ['an empty list', { keys: [] }],
    ['a key without one', { keys: [{ weight: 1 }] }],
    ['a weight of nothing', { keys: [{ key: A, weight: 0 }] }],
    ['a slip', { keys: [{ key: A, wieght: 2 }] }],
    ['a space in a key', { keys: [{ key: `${A} x` }] }],
  ])('that say %s are unreadable, and never sent', async (_, value) => {
    const tenant = await scene.hand.tenant(`odd-${++names}`, 'enterprise')
    await scene.hand.setting(tenant.id, 'OPENAI_API_KEY', JSON.stringify(value))
    const { body } = await until('the row to be seen', async () => {
      const found = await scene.gateway.call('GET', '/v1/explain?model=openai/any', { key: tenant.key })
      return found.body.code === 'credential_unreadable' ? found : undefined
    })
    expect(body.because).not.toContain('sk-proj')
  })
})

describe('several keys of the platform', () => {
  it('are numbered names, without a gap', async () => {
    const tenant = await scene.hand.tenant('spender', 'enterprise', { unpriced: 'allow' })
    const { body } = await scene.gateway.call('GET', '/v1/explain?model=mistral/any', { key: tenant.key })
    expect(body.offers.map(({ key }: { key: { last4: string } }) => key?.last4 ?? '').length).toBe(3)
  })

  it('are told of at the start by their last digits', () => {
    expect(scene.gateway.printed.join('\n')).toContain('MISTRAL_API_KEY (3 keys: …0001, …0002, …0003)')
  })
})

describe('usage', () => {
  it('is told of each key of a pool', async () => {
    const tenant = await tenantWith([
      { key: A, models: ['openai/priced'] },
      { key: B, models: ['!openai/priced', '*'] },
    ])
    scene.provider.answer(well)
    for (const model of ['openai/priced', 'openai/priced', 'openai/other']) await ask({ ...tenant, model })
    await scene.hand.settled(tenant.id, 3)
    const { body } = await scene.gateway.api('GET', `/usage?tenant=${tenant.slug}`)
    const figures = body.keys.map(({ requests, unpriced }: { requests: number; unpriced: number }) => ({ requests, unpriced }))
    expect(figures.sort((a: { requests: number }, b: { requests: number }) => b.requests - a.requests)).toEqual([
      { requests: 2, unpriced: 0 },
      { requests: 1, unpriced: 1 },
    ])
  })
})
