import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { missing } from '../support/postgres.ts'
import { type State, sharedState } from '../support/state.ts'

// What an operator changes at one replica holds at the other within a second, answers under way included.

const WITHIN = { timeout: 1_000, interval: 20 }

describe.skipIf(missing)(`two replicas${missing ? `, skipped: ${missing}` : ''}`, () => {
  let state: State
  let [here, there]: TestGateway[] = []
  beforeAll(async () => {
    state = await sharedState()
    ;[here, there] = await Promise.all([startGateway({ state }), startGateway({ state })])
  }, 30_000)
  afterAll(async () => {
    await Promise.all([here?.stop(), there?.stop()])
    await state.drop()
  })

  const messages = [{ role: 'user', content: 'one two three four five six seven eight' }]
  const changeHere = async (method: string, path: string, body?: unknown) => (await here?.api(method, path, body))?.body
  const askThere = async (key: string, model = 'demo/echo') =>
    (await there?.call('POST', '/v1/chat/completions', { key, body: { model, messages } })) ?? { status: 0, body: undefined }
  const made = async (slug: string, plan: string) => {
    const tenant = await here?.tenant(slug, plan)
    if (!tenant) throw new Error('No gateway runs.')
    await expect.poll(async () => (await askThere(tenant.key)).status, WITHIN).toBe(200)
    return tenant
  }

  it('serve what a plan that was just bought has, and no more what one was left for has', async () => {
    const { key } = await made('upgraded', 'free')
    expect((await askThere(key, 'demo/frontier')).body.error.code).toBe('model_not_in_plan')
    await changeHere('PATCH', '/tenants/upgraded', { plan: 'enterprise' })
    await expect.poll(async () => (await askThere(key, 'demo/frontier')).status, WITHIN).toBe(200)
    await changeHere('PATCH', '/tenants/upgraded', { plan: 'free' })
    await expect.poll(async () => (await askThere(key, 'demo/frontier')).status, WITHIN).toBe(403)
  })

  it('F-57: cut a stream whose key is revoked at the other, with one error and no end marker', async () => {
    const { slug, key } = await made('cut', 'enterprise')
    const streaming = await fetch(`${there?.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'demo/slow', stream: true, messages }),
    })
    expect(streaming.status).toBe(200)
    const [{ id }] = (await changeHere('GET', `/tenants/${slug}/keys`)).data
    await changeHere('DELETE', `/tenants/${slug}/keys/${id}`)
    const revokedAt = performance.now()
    const text = await streaming.text()
    expect(text.trim().split('\n').at(-1)).toContain('"code":"invalid_api_key"')
    expect(text).not.toContain('[DONE]')
    expect(performance.now() - revokedAt).toBeLessThan(1_500)
    expect((await askThere(key)).status).toBe(401)
  })

  it('F-57: let a stream go on whose plan changes, for what was begun on one is ended on it', async () => {
    const { key } = await made('moved', 'enterprise')
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ model: 'demo/slow', stream: true, messages })
    const streaming = await fetch(`${there?.url}/v1/chat/completions`, { method: 'POST', headers, body })
    await changeHere('PATCH', '/tenants/moved', { plan: 'free' })
    expect(await streaming.text()).toContain('[DONE]')
  })

  it('pay with the provider key that was stored at the other, and no more with one that was removed there', async () => {
    await made('keyed', 'enterprise')
    const payer = async () =>
      (await there?.api('GET', '/tenants/keyed/provider-keys'))?.body.data.map(({ last4 }: { last4: string }) => last4)
    for (const [key, last4] of [
      ['sk-first-0123456789abcdef', 'cdef'],
      ['sk-other-0123456789abcd12', 'cd12'],
    ]) {
      await changeHere('PUT', '/tenants/keyed/provider-keys/openai', { key })
      await expect.poll(payer, WITHIN).toEqual([last4])
    }
    await changeHere('DELETE', '/tenants/keyed/provider-keys/openai')
    await expect.poll(payer, WITHIN).toEqual([])
  })

  it('refuse a tenant that was suspended at the other, and one that is gone', async () => {
    const { key } = await made('stopped', 'enterprise')
    await changeHere('PATCH', '/tenants/stopped', { status: 'suspended' })
    await expect.poll(async () => (await askThere(key)).body.error?.code, WITHIN).toBe('tenant_suspended')
    await changeHere('DELETE', '/tenants/stopped')
    await expect.poll(async () => (await askThere(key)).status, WITHIN).toBe(401)
  })
})
