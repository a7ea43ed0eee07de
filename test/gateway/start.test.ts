import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'

describe('a started gateway', () => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await startGateway()
  })
  afterAll(() => gateway.stop())

  it('is alive and ready', async () => {
    expect((await gateway.call('GET', '/health/live')).body).toEqual({ status: 'live' })
    expect((await gateway.call('GET', '/health/ready')).body).toEqual({ status: 'ready' })
  })

  it('knows nobody without a key', async () => {
    const { status, body } = await gateway.call('GET', '/v1/models')
    expect({ status, code: body.error.code }).toEqual({ status: 401, code: 'invalid_api_key' })
  })

  it('tells what it found, and no key', () => {
    expect(gateway.printed.join('\n')).toContain(`Tollgate listens on ${gateway.url}`)
    expect(gateway.printed.join('\n')).not.toContain(gateway.adminKey)
  })
})
