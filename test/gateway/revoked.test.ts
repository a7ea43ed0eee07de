import { describe, expect, it } from 'vitest'
import { startGateway } from '../support/gateway.ts'

describe('a key that is revoked while its stream runs', () => {
  const streamed = async (plan: string, config?: Record<string, string>) => {
    const gateway = await startGateway(config ? { config } : {})
    const { slug, key } = await gateway.tenant('acme', plan)
    const body = JSON.stringify({
      model: 'demo/slow',
      stream: true,
      messages: [{ role: 'user', content: 'one two three four five six seven eight' }],
    })
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body })
    const [{ id }] = (await gateway.api('GET', `/tenants/${slug}/keys`)).body.data
    await gateway.api('DELETE', `/tenants/${slug}/keys/${id}`)
    const revokedAt = performance.now()
    const text = await answer.text()
    const rest = { text, took: performance.now() - revokedAt }
    await gateway.stop()
    return rest
  }

  it('is cut within a second, with one error frame and no end marker', async () => {
    const { text, took } = await streamed('enterprise')
    expect(text.trim().split('\n').at(-1)).toContain('"code":"invalid_api_key"')
    expect(text).not.toContain('[DONE]')
    expect(took).toBeLessThan(1_500)
  })

  it('ends by itself where the plan says finish', async () => {
    const plans = [
      'plans:',
      '  kind:',
      '    models: ["*"]',
      '    endpoints: ["*"]',
      '    providers: ["*"]',
      '    byok: { allowed: true, models: any, providers: ["*"] }',
      '    platform_keys: on_missing',
      '    limits: { rpm: none, tpm: none, concurrency: none }',
      '    budget: none',
      '    meters: []',
      '    unpriced: refuse',
      '    failover: { other_provider: true }',
      '    fallback: []',
      '    expose: basic',
      '    enforcement: on',
      '    priority: 5',
      '    on_revoke: finish',
    ].join('\n')
    const { text } = await streamed('kind', { 'plans.yaml': plans })
    expect(text).toContain('[DONE]')
    expect(text).not.toContain('invalid_api_key')
  })
})
