import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Mint } from '../../src/contract/auth.ts'
import type { Credential } from '../../src/contract/decision.ts'
import type { Tokens } from '../../src/contract/gateway.ts'
import { Secret } from '../../src/contract/secret.ts'
import type { Upstream } from '../../src/contract/upstream.ts'
import { createGuard } from '../../src/upstream/guard.ts'
import { createUpstream } from '../../src/upstream/send.ts'
import { createTokens } from '../../src/upstream/tokens.ts'
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { providerOf } from '../support/shipped.ts'

const HOUR = 3_600_000
const CANARY = 'refresh-canary-7Qm2xV9bT4hK'
const openai = providerOf('openai')

let service: FakeProvider
let upstream: Upstream
let tokens: Tokens
let now = 0
beforeEach(async () => {
  now = 1_700_000_000_000
  service = await startFakeProvider(({ body }) => ({ body: { token: `token ${service.journal.length} for ${body}`, seconds: 3600 } }))
  const clock = () => performance.now()
  upstream = createUpstream({ guard: createGuard(), limits: { frameBytes: 1e6, headerBytes: 16_384 }, now: clock, instance: 'test' })
  tokens = createTokens({ upstream, now: () => now })
})
afterEach(async () => {
  await upstream.close()
  await service.close()
})

const credential = (source: Credential['source'] = 'tenant'): Credential => ({
  ...{ source, settingKey: undefined, via: undefined, last4: undefined, fingerprint: 'f', state: 'usable' },
  fields: { region: 'token' },
  secret: () => new Secret(CANARY),
  parts: () => ({ refresh: new Secret(CANARY), region: new Secret('token') }),
})

const mint = (): Mint => ({
  url: `${service.origin}/{region}`,
  ask: (parts) => ({ method: 'POST', headers: { 'content-type': 'text/plain' }, body: Buffer.from(parts['refresh']?.reveal() ?? '') }),
  read(body, at) {
    const { token, seconds } = JSON.parse(body)
    return token && { parts: { access: new Secret(token) }, expiresAt: at + seconds * 1000 }
  },
  refusal: (status, body) => (status === 400 ? body : undefined),
})

const ask = async (of: Credential) => (await tokens.mint(openai, of, mint()))['access']?.reveal()

describe('a token', () => {
  it('is fetched once, however many wait for it, and used again', async () => {
    const mine = credential()
    const all = await Promise.all([ask(mine), ask(mine), ask(mine)])
    expect(new Set([...all, await ask(mine)])).toEqual(new Set([`token 1 for ${CANARY}`]))
    expect(service.journal).toMatchObject([{ method: 'POST', path: '/token' }])
  })

  it('is no other credential’s, however alike they are', async () => {
    expect(await ask(credential())).not.toBe(await ask(credential()))
  })

  it('is renewed beside its use before it ends, and waited for after', async () => {
    const mine = credential()
    const first = await ask(mine)
    now += HOUR - 4 * 60_000
    expect(await ask(mine)).toBe(first)
    await expect.poll(() => ask(mine)).toBe(`token 2 for ${CANARY}`)
    now += HOUR
    expect(await ask(mine)).toBe(`token 3 for ${CANARY}`)
  })

  it('serves on while its service fails, until it ends', async () => {
    const mine = credential()
    const first = await ask(mine)
    service.answer({ status: 503, body: 'busy' })
    now += HOUR - 4 * 60_000
    expect([await ask(mine), await ask(mine)]).toEqual([first, first])
    await expect.poll(() => service.journal.length).toBe(2)
    now += 4 * 60_000
    await expect(ask(mine)).rejects.toMatchObject({ code: 'upstream_unreachable', status: 502 })
  })

  it('is fetched anew once the provider no longer takes it', async () => {
    const mine = credential()
    await ask(mine)
    tokens.forget(mine)
    expect(await ask(mine)).toBe(`token 2 for ${CANARY}`)
  })
})

describe('an exchange that fails', () => {
  it.each([
    ['tenant', 403, 'tenant'],
    ['platform', 503, 'platform'],
  ] as const)('says in the service’s words that the %s’s parts are bad, without them', async (source, status, origin) => {
    service.answer({ status: 400, body: `invalid_grant: ${CANARY} was revoked` })
    const failure = await ask(credential(source)).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'credential_invalid', status, origin })
    expect(String(failure)).toContain('invalid_grant: [redacted] was revoked')
  })

  it.each([
    ['an error', { status: 500, body: 'oops' }],
    ['a redirect', { status: 302, headers: { location: 'http://169.254.169.254/' } }],
    ['an answer that is no token', { body: {} }],
    ['a broken connection', { end: 'reset' as const }],
  ])('is unreachable on %s, and tried again the next time', async (_, answer) => {
    service.answer(answer)
    const mine = credential()
    await expect(ask(mine)).rejects.toMatchObject({ code: 'upstream_unreachable' })
    service.answer({ body: { token: 'good', seconds: 3600 } })
    expect(await ask(mine)).toBe('good')
  })
})
