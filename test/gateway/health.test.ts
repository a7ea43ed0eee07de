import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { completion, openRelayed, type Relayed } from '../support/relayed.ts'

// A provider that is down: who is asked in its place, and where an operator sees it.

let scene: Relayed
beforeAll(async () => {
  scene = await openRelayed({
    providers: { openai: 'http://127.0.0.1:1' },
    config: { 'models.yaml': 'routes:\n  either: [openai/gpt-4o, groq/other]\n' },
  })
  scene.provider.answer({ body: completion('Well.') })
  // Five in a row: the breaker opens.
  for (let at = 0; at < 5; at++) await ask()
})
afterAll(() => scene.close())

async function ask(): Promise<{ status: number; attempts: string | null; provider: string | null }> {
  const response = await scene.post({ model: 'either' })
  await response.text()
  const { headers, status } = response
  return { status, attempts: headers.get('x-tollgate-attempts'), provider: headers.get('x-tollgate-provider') }
}

describe('a provider that failed five times in a row', () => {
  it('is passed over: the next request goes to another at once', async () => {
    expect(await ask()).toEqual({ status: 200, attempts: '1', provider: 'groq' })
  })

  it('is told of by explain, with the time until which', async () => {
    const { body } = await scene.gateway.call('GET', '/v1/explain?model=either', { key: scene.tenant.key })
    expect(body.verdict).toBe('allowed')
    expect(body.rejected).toMatchObject([{ provider: 'openai', stage: 'health', code: 'provider_unavailable' }])
    expect(body.rejected[0].fix).toMatch(/^Try again after 20\d\d-/)
  })

  it('is tried all the same where no other may stand in', async () => {
    const response = await scene.post({ model: 'openai/gpt-4o' })
    expect(response.status).toBe(502)
  })

  it('stands in the list of providers, by key', async () => {
    const { body } = await scene.gateway.api('GET', '/providers')
    const { health } = body.data.find(({ id }: { id: string }) => id === 'openai')
    expect(health).toMatchObject([
      { state: 'down', source: 'tenant', tenant: scene.tenant.id, last4: '0001', models: ['gpt-4o'], code: 'upstream_unreachable' },
    ])
    expect(body.data.find(({ id }: { id: string }) => id === 'groq').health).toEqual([])
  })

  it('is a finding of doctor', async () => {
    const { body } = await scene.gateway.api('GET', '/doctor')
    expect(body.data.filter(({ code }: { code: string }) => code === 'provider_down')).toMatchObject([{ level: 'warn', subject: 'openai' }])
  })

  it('is a figure', async () => {
    const { body } = await scene.gateway.call('GET', '/metrics', { key: scene.gateway.adminKey })
    expect(body).toContain('tollgate_offers_passed_over{provider="openai"} 1')
  })
})
