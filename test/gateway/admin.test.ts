import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shipped } from '../support/config-folders.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  const plans = readFileSync(join(shipped, 'plans.yaml'), 'utf8').replace('\n  team:\n', '\n  team:\n    was: [teams]\n')
  gateway = await startGateway({ config: { 'plans.yaml': plans } })
})
afterAll(() => gateway.stop())

const refusal = ({ status, body }: { status: number; body: { error: { code: string; param: string | null } } }) => ({
  status,
  code: body.error.code,
  param: body.error.param,
})

describe('tenants', () => {
  it('are created, and found by slug and by id', async () => {
    const created = await gateway.api('POST', '/tenants', { slug: 'acme', plan: 'team', id: 'T-1', name: 'Acme' })
    expect(created).toMatchObject({
      status: 201,
      body: { id: 'T-1', slug: 'acme', name: 'Acme', plan: 'team', status: 'active', overrides: null },
    })
    for (const name of ['acme', 'T-1']) expect((await gateway.api('GET', `/tenants/${name}`)).body).toEqual(created.body)
  })

  it('get an id of their own, and their slug as a name, where none is given', async () => {
    const { body } = await gateway.api('POST', '/tenants', { slug: 'plain', plan: 'free' })
    expect(body).toMatchObject({ id: expect.stringMatching(/^ten_[0-9a-f]{24}$/), name: 'plain' })
  })

  it.each([
    ['a slug that is taken', { slug: 'taken', plan: 'team' }, 'slug'],
    ["a slug that is another's id", { slug: 'taken-id', plan: 'team' }, 'slug'],
    ["an id that is another's slug", { slug: 'other', plan: 'team', id: 'taken' }, 'id'],
  ])('are refused with %s', async (_, body, param) => {
    await gateway.api('POST', '/tenants', { slug: 'taken', plan: 'team', id: 'taken-id' })
    expect(refusal(await gateway.api('POST', '/tenants', body))).toEqual({ status: 409, code: 'already_exists', param })
  })

  it.each([
    ['a plan nobody knows', { slug: 'x', plan: 'platinum' }, 'plan'],
    ['upper case in the slug', { slug: 'Acme', plan: 'team' }, 'slug'],
    ['64 characters of slug', { slug: 'a'.repeat(64), plan: 'team' }, 'slug'],
    ['a path as an id', { slug: 'x', plan: 'team', id: '../acme' }, 'id'],
    ['no plan', { slug: 'x' }, 'plan'],
    ['a status nobody knows', { slug: 'x', plan: 'team', status: 'deleted' }, 'status'],
    ['a column of the table', { slug: 'x', plan: 'team', created_at: '2020-01-01' }, 'created_at'],
    ['overrides of no plan key', { slug: 'x', plan: 'team', overrides: { rpm: 5 } }, 'overrides'],
  ])('are refused with %s', async (_, body, param) => {
    expect(refusal(await gateway.api('POST', '/tenants', body))).toEqual({ status: 400, code: 'invalid_value', param })
    expect((await gateway.api('GET', '/tenants/x')).status).toBe(404)
  })

  it('are told which plans there are', async () => {
    const { body } = await gateway.api('POST', '/tenants', { slug: 'x', plan: 'platinum' })
    expect(body.error.message).toBe('There is no plan "platinum": use one of trial, free, solo, team, pro, enterprise.')
  })

  it('take a former id of a plan for the plan', async () => {
    expect((await gateway.api('POST', '/tenants', { slug: 'former', plan: 'teams' })).body).toMatchObject({ plan: 'team' })
  })

  it('are created or changed by PUT, which leaves alone what it does not name', async () => {
    const created = await gateway.api('PUT', '/tenants/upsert', { plan: 'team', overrides: { limits: { rpm: 7 } } })
    const changed = await gateway.api('PUT', '/tenants/upsert', { slug: 'upsert', plan: 'pro' })
    expect([created.status, changed.status]).toEqual([201, 200])
    expect(changed.body).toEqual({ ...created.body, plan: 'pro' })
    expect(refusal(await gateway.api('PUT', '/tenants/upsert', { slug: 'else', plan: 'pro' }))).toMatchObject({
      status: 400,
      param: 'slug',
    })
    expect(refusal(await gateway.api('PUT', '/tenants/upsert', { plan: 'pro', id: 'else' }))).toMatchObject({ status: 409, param: 'id' })
  })

  it('are changed by PATCH at once', async () => {
    await gateway.api('POST', '/tenants', { slug: 'patched', plan: 'free' })
    const overrides = { limits: { rpm: 5, tpm: null }, budget: { usd: 2.5, per: 'month' }, reason: 'a trial' }
    const changes = { name: 'Patched', plan: 'team', status: 'suspended', overrides }
    expect((await gateway.api('PATCH', '/tenants/patched', changes)).body).toMatchObject(changes)
    expect((await gateway.api('PATCH', '/tenants/patched', { overrides: null, status: 'active' })).body).toMatchObject({
      overrides: null,
      status: 'active',
      plan: 'team',
    })
  })

  it('are refused a change that is due later, by name', async () => {
    await gateway.api('POST', '/tenants', { slug: 'later', plan: 'free' })
    const answer = await gateway.api('PATCH', '/tenants/later', { plan: 'team', effective_at: '2999-01-01T00:00:00Z' })
    expect(refusal(answer)).toEqual({ status: 400, code: 'unsupported_parameter', param: 'effective_at' })
    expect((await gateway.api('GET', '/tenants/later')).body.plan).toBe('free')
  })

  it('stop being served when suspended, and are served again when resumed', async () => {
    const { slug, key } = await gateway.tenant('pausing', 'team')
    const status = async () => (await gateway.call('GET', '/v1/models', { key })).status
    expect(await status()).toBe(200)
    await gateway.api('PATCH', `/tenants/${slug}`, { status: 'suspended' })
    expect(await status()).toBe(403)
    await gateway.api('PATCH', `/tenants/${slug}`, { status: 'active' })
    expect(await status()).toBe(200)
  })

  it('are gone with their keys when deleted', async () => {
    const { id, key } = await gateway.tenant('leaving', 'team')
    await gateway.api('PUT', '/tenants/leaving/provider-keys/openai', { key: 'sk-leaving-0123456789abcdef' })
    const { body } = await gateway.api('DELETE', '/tenants/leaving?erase=true')
    expect(body).toMatchObject({ id, slug: 'leaving', deleted: true, erased: true })
    const removed = body.receipt.map((row: { table: string; removed: number }) => [row.table, row.removed])
    expect(Object.fromEntries(removed)).toMatchObject({ tenants: 1, gateway_keys: 1, tenant_settings: 1, vault: 1, audit: 0 })
    expect((await gateway.call('GET', '/v1/models', { key })).status).toBe(401)
    expect(refusal(await gateway.api('GET', '/tenants/leaving'))).toMatchObject({ status: 404, code: 'tenant_not_found' })
    await gateway.api('POST', '/tenants', { slug: 'leaving', plan: 'team', id })
    expect((await gateway.api('GET', '/tenants/leaving/provider-keys')).body.data).toEqual([])
  })

  it('are listed in pages, by part of a name and by plan', async () => {
    for (const slug of ['list-c', 'list-a', 'list-b']) await gateway.api('POST', '/tenants', { slug, plan: 'enterprise' })
    const first = await gateway.api('GET', '/tenants?q=LIST-&limit=2')
    const second = await gateway.api('GET', `/tenants?q=LIST-&limit=2&cursor=${first.body.next_cursor}`)
    const slugs = [first, second].map(({ body }) => body.data.map(({ slug }: { slug: string }) => slug))
    expect(slugs).toEqual([['list-a', 'list-b'], ['list-c']])
    expect(second.body.next_cursor).toBeNull()
    expect((await gateway.api('GET', '/tenants?plan=enterprise')).body.data).toHaveLength(3)
    expect((await gateway.api('GET', '/tenants?plan=trial')).body.data).toEqual([])
  })

  it.each([
    ['limit=-1', 'limit'],
    ['limit=1e9', 'limit'],
    ['cursor=%00%00', 'cursor'],
    ["cursor=';DROP TABLE tenants;--", 'cursor'],
    ['sort=slug', 'sort'],
    ['limit=1&limit=2', 'limit'],
  ])('are not listed for ?%s', async (query, param) => {
    expect(refusal(await gateway.api('GET', `/tenants?${query}`))).toEqual({ status: 400, code: 'invalid_value', param })
  })

  it('may be called anything: a name is data wherever it goes', async () => {
    for (const name of ['<script>alert(1)</script>', '=cmd|/C calc', "Robert'); DROP TABLE tenants;--", '../../etc/passwd', '‮evil']) {
      const { body } = await gateway.api('PUT', '/tenants/named', { plan: 'free', name })
      expect(body.name).toBe(name)
    }
    const { headers } = await gateway.api('GET', '/tenants/named')
    expect(headers.get('content-type')).toMatch(/^application\/json/)
  })
})

describe('a body', () => {
  it.each([
    ['twice the same key', '{"slug":"x","slug":"y","plan":"team"}', 400, 'duplicate_key'],
    ['half an object', '{"slug":', 400, 'invalid_json'],
    ['a list', '[]', 400, 'invalid_json'],
    ['too much', JSON.stringify({ slug: 'x', plan: 'team', name: 'n'.repeat(1_100_000) }), 413, 'request_too_large'],
  ])('is refused with %s', async (_, body, ...[status, code]) => {
    expect(refusal(await gateway.api('POST', '/tenants', body))).toMatchObject({ status, code })
  })

  it('is refused where it is no JSON', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await gateway.call('POST', '/admin/v1/tenants', { key: gateway.adminKey, headers, body: 'slug=x&plan=team' })
    expect(refusal(answer)).toMatchObject({ status: 415, code: 'unsupported_media_type' })
  })
})

describe('what is in force', () => {
  it('lists plans, models and providers', async () => {
    const { body: plans } = await gateway.api('GET', '/plans')
    expect(plans.data.map(({ id }: { id: string }) => id)).toEqual(['trial', 'free', 'solo', 'team', 'pro', 'enterprise'])
    expect(plans.data.find(({ id }: { id: string }) => id === 'team')).toMatchObject({
      was: ['teams'],
      budget: { usd: '500', per: 'month' },
    })
    const { body: models } = await gateway.api('GET', '/models?provider=minimax&limit=1')
    expect(models).toMatchObject({ data: [{ provider: 'minimax' }], next_cursor: expect.any(String) })
    const { body: providers } = await gateway.api('GET', '/providers')
    expect(providers.data.find(({ id }: { id: string }) => id === 'minimax')).toMatchObject({
      api_key_env: 'MINIMAX_API_KEY',
      also: ['anthropic-messages'],
    })
  })

  it('shows what would surprise an operator', async () => {
    expect((await gateway.api('GET', '/doctor')).status).toBe(200)
  })

  it('explains a decision for a tenant, with all there is to see', async () => {
    await gateway.tenant('asking', 'team')
    const { body } = await gateway.api('GET', '/explain?tenant=asking&model=minimax/MiniMax-M2.7&stream=1')
    expect(body).toMatchObject({ verdict: 'refused', code: 'credential_missing', tenant: 'asking', plan: 'team' })
    expect(body.looked_for.map(({ setting_key }: { setting_key: string }) => setting_key)).toContain('MINIMAX_2_7_API_KEY')
    expect(refusal(await gateway.api('GET', '/explain?tenant=nobody&model=x'))).toMatchObject({ status: 404, code: 'tenant_not_found' })
  })

  it("explains what one of the tenant's keys narrows, and takes no other's", async () => {
    for (const slug of ['narrowed', 'onlooker']) await gateway.api('POST', '/tenants', { slug, plan: 'team' })
    const { body: key } = await gateway.api('POST', '/tenants/narrowed/keys', { models: ['demo/echo'] })
    const ask = (tenant: string) => gateway.api('GET', `/explain?tenant=${tenant}&model=openai/gpt-5-mini&key=${key.id}`)
    expect((await ask('narrowed')).body).toMatchObject({ code: 'model_not_in_plan', because: expect.stringContaining('This gateway key') })
    expect(refusal(await ask('onlooker'))).toMatchObject({ status: 404, code: 'not_found' })
  })
})
