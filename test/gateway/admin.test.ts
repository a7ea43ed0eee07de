import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'

describe('the admin API', () => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await startGateway()
  })
  afterAll(() => gateway.stop())

  it('creates a tenant and shows it by slug and id', async () => {
    const created = await gateway.api('POST', '/tenants', { slug: 'acme', plan: 'team', id: 'T-1', name: 'Acme' })
    expect(created).toMatchObject({
      status: 201,
      body: { id: 'T-1', slug: 'acme', name: 'Acme', plan: 'team', status: 'active', overrides: null },
    })
    for (const name of ['acme', 'T-1']) expect((await gateway.api('GET', `/tenants/${name}`)).body).toEqual(created.body)
  })
})
