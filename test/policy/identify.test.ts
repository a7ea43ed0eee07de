import { describe, expect, it } from 'vitest'
import type { GatewayKey, KeyKind } from '../../src/contract/caller.ts'
import { Secret } from '../../src/contract/secret.ts'
import { GatewayError } from '../../src/errors.ts'
import { createDirectory } from '../../src/policy/directory.ts'
import { digestKey } from '../../src/policy/gateway-keys.ts'
import { createIdentify } from '../../src/policy/identify.ts'
import { requireScope, SCOPES } from '../../src/policy/scopes.ts'
import { keyOf, pepper, presenting, tenantNamed } from '../support/callers.ts'

const NOW = Date.parse('2026-06-01T00:00:00Z')
const BREAK_GLASS = 'break-glass-key-of-more-than-32-characters'

const acme = tenantNamed('acme')
const globex = tenantNamed('globex')
const frozen = tenantNamed('frozen', { status: 'suspended' })
const odd = tenantNamed('odd', { status: 'paused?' })

const keys = {
  admin: keyOf('admin', { scopes: ['tenants'] }),
  service: keyOf('service', { tenants: [acme.id, frozen.id] }),
  everyone: keyOf('service', { tenants: 'any' }),
  nobody: keyOf('service'),
  acme: keyOf('tenant', { tenant: acme.id }),
  globex: keyOf('tenant', { tenant: globex.id }),
  imported: keyOf('imported', { tenant: acme.id }),
  frozen: keyOf('tenant', { tenant: frozen.id }),
  odd: keyOf('tenant', { tenant: odd.id }),
  orphan: keyOf('tenant', { tenant: tenantNamed('gone').id }),
  revoked: keyOf('tenant', { tenant: acme.id, revokedAt: '2026-05-01T00:00:00Z' }),
  expired: keyOf('tenant', { tenant: acme.id, expiresAt: '2026-05-31T23:59:59Z' }),
  expiring: keyOf('tenant', { tenant: acme.id, expiresAt: '2026-06-01T00:00:01Z' }),
  undated: keyOf('tenant', { tenant: acme.id, expiresAt: 'next week' }),
  office: keyOf('tenant', { tenant: acme.id, allowIps: ['192.0.2.7', '10.0.0.0/8'] }),
}
const stranger = keyOf('tenant', { tenant: acme.id })
const image = { tenants: [acme, globex, frozen, odd], settings: [], keys: Object.values(keys).map(({ key }) => key) }
const directory = createDirectory()
directory.load(image)
const identify = createIdentify({ directory, pepper, adminKey: new Secret(BREAK_GLASS), now: () => NOW })

const CARRIERS: Record<string, (text: string) => Record<string, string>> = {
  'x-tollgate-key': (text) => ({ 'x-tollgate-key': text }),
  authorization: (text) => ({ authorization: `Bearer ${text}` }),
  'x-api-key': (text) => ({ 'x-api-key': text }),
  'api-key': (text) => ({ 'api-key': text }),
  'x-goog-api-key': (text) => ({ 'x-goog-api-key': text }),
}
const DATA: readonly KeyKind[] = ['service', 'tenant']

/** What a request gets: `<kind> for <slug>`, or `<status> <code>`. */
function answer(headers: Record<string, string>, more: { path?: string; ip?: string; kinds?: readonly KeyKind[] } = {}): string {
  try {
    const { key, tenant } = identify(presenting(headers, { pathTag: more.path, ip: more.ip }), more.kinds ?? DATA)
    return `${key.kind} for ${tenant?.slug}`
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    return `${error.status} ${error.code}`
  }
}

interface Row {
  key: keyof typeof keys
  tag?: string
  path?: string
  kinds?: readonly KeyKind[]
  gets: string
}

const TABLE: readonly Row[] = [
  { key: 'acme', gets: 'tenant for acme' },
  { key: 'acme', tag: 'acme', gets: 'tenant for acme' },
  { key: 'acme', tag: 'acme', path: 'id-of-acme', gets: 'tenant for acme' },
  { key: 'acme', tag: 'globex', gets: '403 tenant_mismatch' },
  { key: 'acme', path: 'globex', gets: '403 tenant_mismatch' },
  { key: 'acme', tag: 'nobody-at-all', gets: '403 tenant_mismatch' },
  { key: 'acme', tag: 'acme', path: 'globex', gets: '403 tenant_mismatch' },
  { key: 'imported', gets: 'imported for acme' },
  { key: 'imported', tag: 'globex', gets: '403 tenant_mismatch' },
  { key: 'service', gets: '400 tenant_required' },
  { key: 'service', tag: '', gets: '400 tenant_required' },
  { key: 'service', tag: 'acme', gets: 'service for acme' },
  { key: 'service', path: 'id-of-acme', gets: 'service for acme' },
  { key: 'service', tag: 'acme', path: 'id-of-acme', gets: 'service for acme' },
  { key: 'service', tag: 'globex', gets: '404 tenant_not_found' },
  { key: 'service', tag: 'nobody-at-all', gets: '404 tenant_not_found' },
  { key: 'service', tag: 'acme, acme', gets: '404 tenant_not_found' },
  { key: 'service', tag: 'acme', path: 'globex', gets: '403 tenant_mismatch' },
  { key: 'service', tag: 'globex', path: 'globex', gets: '404 tenant_not_found' },
  // One foreign tenant by both its names looks like two that are not there: nothing tells which names belong together.
  { key: 'service', tag: 'globex', path: 'id-of-globex', gets: '403 tenant_mismatch' },
  { key: 'nobody', tag: 'acme', gets: '404 tenant_not_found' },
  { key: 'everyone', tag: 'globex', gets: 'service for globex' },
  { key: 'service', tag: 'frozen', gets: '403 tenant_suspended' },
  { key: 'frozen', gets: '403 tenant_suspended' },
  { key: 'odd', gets: '403 tenant_suspended' },
  { key: 'orphan', gets: '401 invalid_api_key' },
  { key: 'revoked', gets: '401 invalid_api_key' },
  { key: 'expired', gets: '401 invalid_api_key' },
  { key: 'undated', gets: '401 invalid_api_key' },
  { key: 'expiring', gets: 'tenant for acme' },
  { key: 'admin', gets: '403 key_not_allowed_here' },
  { key: 'admin', kinds: ['admin'], gets: 'admin for undefined' },
  { key: 'acme', kinds: ['admin'], gets: '403 key_not_allowed_here' },
  { key: 'imported', kinds: ['admin'], gets: '403 key_not_allowed_here' },
  { key: 'service', kinds: ['admin'], gets: '403 key_not_allowed_here' },
  { key: 'imported', kinds: ['service'], gets: '403 key_not_allowed_here' },
]

describe.each(Object.keys(CARRIERS))('a key in %s', (carrier) => {
  const carry = CARRIERS[carrier]!

  it.each(TABLE)('$key, tag $tag, path $path: $gets', ({ key, tag, path, kinds, gets }) => {
    const headers = { ...carry(keys[key].text), ...(tag === undefined ? {} : { 'x-tenant-id': tag }) }
    expect(answer(headers, { path, kinds })).toBe(gets)
  })

  it('is the break-glass key where it is that whole text', () => {
    expect(answer(carry(BREAK_GLASS), { kinds: ['admin'] })).toBe('admin for undefined')
    expect(answer(carry(BREAK_GLASS))).toBe('403 key_not_allowed_here')
    expect(answer(carry(`${BREAK_GLASS}x`), { kinds: ['admin'] })).toBe('401 invalid_api_key')
    expect(answer(carry(BREAK_GLASS.slice(0, -1)), { kinds: ['admin'] })).toBe('401 invalid_api_key')
  })

  const sha = keys.imported.key.digest.toString('hex')
  const wrong: Record<string, string> = {
    'not known here': stranger.text,
    'cut short': keys.acme.text.slice(0, -1),
    'a character longer': `${keys.acme.text}0`,
    'of the wrong checksum': `${keys.acme.text.slice(0, -6)}000000`,
    'only its id': keys.acme.key.id,
    'its own digest': keys.acme.key.digest.toString('hex'),
    'the digest of an imported key': sha,
    "a provider's": 'sk-proj-0123456789abcdefghij',
    'a statement': "' OR 1=1; DROP TABLE gateway_keys; --",
    'a variable': 'os.environ/OPENAI_API_KEY',
    'a look-alike': keys.acme.text.replace('sk-tg', 'sk‑tg'),
    'a megabyte': 'sk-tg-t'.padEnd(1 << 20, 'a'),
    prototype: '__proto__',
  }
  it.each(Object.keys(wrong))('that is %s is not accepted', (name) => {
    expect(answer(carry(wrong[name]!))).toBe('401 invalid_api_key')
  })
})

describe('several carriers', () => {
  const acmeKey = keys.acme.text
  const bearer = (text: string) => ({ authorization: `Bearer ${text}` })

  it('may hold anything beside the one gateway key', () => {
    expect(answer({ ...bearer('sk-proj-of-a-provider'), 'x-api-key': acmeKey, 'api-key': 'placeholder' })).toBe('tenant for acme')
    expect(answer({ ...bearer(acmeKey), 'x-api-key': acmeKey, 'x-goog-api-key': '' })).toBe('tenant for acme')
    expect(answer({ ...bearer(stranger.text), 'x-api-key': acmeKey })).toBe('tenant for acme')
  })

  it('with two gateway keys that differ are refused, in whatever state those are', () => {
    expect(answer({ ...bearer(acmeKey), 'x-api-key': keys.globex.text })).toBe('400 ambiguous_credentials')
    expect(answer({ 'api-key': keys.imported.text, 'x-goog-api-key': acmeKey })).toBe('400 ambiguous_credentials')
    expect(answer({ ...bearer(BREAK_GLASS), 'x-api-key': acmeKey })).toBe('400 ambiguous_credentials')
    expect(answer({ ...bearer(keys.revoked.text), 'x-api-key': acmeKey })).toBe('400 ambiguous_credentials')
  })

  it('give way to x-tollgate-key, even where that one is wrong', () => {
    expect(answer({ 'x-tollgate-key': acmeKey, ...bearer(keys.globex.text), 'x-api-key': keys.service.text })).toBe('tenant for acme')
    expect(answer({ 'x-tollgate-key': 'wrong', ...bearer(acmeKey) })).toBe('401 invalid_api_key')
    expect(answer({ 'x-tollgate-key': '', ...bearer(acmeKey) })).toBe('tenant for acme')
  })

  it('take the Bearer scheme in any case, and no other scheme', () => {
    const headers = ['bearer', 'BEARER', 'Bearer  ', 'Basic', 'Token', ''].map((scheme) => ({ authorization: `${scheme} ${acmeKey}` }))
    const [lower, upper, spaced, ...others] = headers.map((header) => answer(header))
    expect([lower, upper, spaced]).toEqual(['tenant for acme', 'tenant for acme', 'tenant for acme'])
    expect(others).toEqual(others.map(() => '401 invalid_api_key'))
  })

  it('without any key answer 401', () => {
    expect(answer({})).toBe('401 invalid_api_key')
    expect(answer({ cookie: `key=${acmeKey}`, 'x-tenant-id': 'acme' })).toBe('401 invalid_api_key')
  })
})

describe('a key bound to addresses', () => {
  it.each([
    ['192.0.2.7', 'tenant for acme'],
    ['10.200.0.1', 'tenant for acme'],
    ['::ffff:10.200.0.1', 'tenant for acme'],
    ['192.0.2.8', '403 ip_not_allowed'],
    [undefined, '403 ip_not_allowed'],
  ])('used from %s: %s', (ip, gets) => {
    expect(answer(CARRIERS.authorization!(keys.office.text), { ip })).toBe(gets)
  })
})

describe('the same words', () => {
  const sentence = (text: string, tag: string): string => {
    try {
      identify(presenting({ authorization: `Bearer ${text}`, 'x-tenant-id': tag }), DATA)
      return 'let in'
    } catch (error) {
      return (error as Error).message
    }
  }

  it('meet a service key whether the tenant is absent or another’s', () => {
    expect(sentence(keys.service.text, 'globex')).toBe(sentence(keys.service.text, 'nobody-at-all'))
  })

  it('meet a tenant key whether the tag is another tenant’s or nobody’s', () => {
    expect(sentence(keys.acme.text, 'globex')).toBe(sentence(keys.acme.text, 'nobody-at-all'))
  })

  it('never repeat the key', () => {
    const texts = [...Object.values(keys).map(({ text }) => text), stranger.text, BREAK_GLASS]
    const sentences = texts.map((text) => sentence(text, 'nobody-at-all'))
    expect(sentences.filter((words) => texts.some((text) => words.includes(text)))).toEqual([])
  })
})

describe('looking up', () => {
  it('is spared a key with a wrong checksum', () => {
    const asked: string[] = []
    const watched = {
      ...directory,
      key: (id: Parameters<typeof directory.key>[0]) => void asked.push(id),
      imported: (digest: string) => void asked.push(digest),
    }
    const refusing = createIdentify({ directory: watched, pepper, adminKey: undefined, now: () => NOW })
    expect(() => refusing(presenting({ 'x-api-key': `${keys.acme.text.slice(0, -1)}!` }), DATA)).toThrow(/checksum/)
    expect(asked).toEqual([])
    expect(() => refusing(presenting({ 'x-api-key': keys.acme.text }), DATA)).toThrow(/no gateway key known/)
    expect(asked).toContain(keys.acme.key.id)
  })

  it('finds no admin where a tenant key’s row was changed by hand', () => {
    const raised: GatewayKey = { ...keys.acme.key, kind: 'admin', scopes: SCOPES }
    const tampered = createDirectory()
    tampered.load({ ...image, keys: [raised] })
    const judge = createIdentify({ directory: tampered, pepper, adminKey: undefined, now: () => NOW })
    expect(() => judge(presenting({ 'x-api-key': keys.acme.text }), ['admin'])).toThrow(/no gateway key known/)
  })

  it('survives a digest damaged by hand', () => {
    const damaged = createDirectory()
    damaged.load({ ...image, keys: [{ ...keys.acme.key, digest: Buffer.alloc(3) }] })
    const judge = createIdentify({ directory: damaged, pepper, adminKey: undefined, now: () => NOW })
    expect(() => judge(presenting({ 'x-api-key': keys.acme.text }), DATA)).toThrow(/no gateway key known/)
  })

  it('costs little more than the digest', () => {
    const request = presenting({ authorization: `Bearer ${keys.acme.text}` })
    const identifying = nanoseconds(() => identify(request, DATA))
    const digesting = nanoseconds(() => digestKey(keys.acme.text, pepper))
    console.log(`identify: ${identifying} ns, of which the digest ${digesting} ns`)
    expect(identifying / digesting, 'times the digest alone').toBeLessThan(4)
  })
})

describe('scopes', () => {
  it('are exact', () => {
    expect(() => requireScope(keys.admin.key, 'tenants')).not.toThrow()
    expect(() => requireScope(keys.admin.key, 'keys')).toThrow(/lacks the scope keys/)
  })

  it('are all held by the break-glass key', () => {
    const { key } = identify(presenting({ 'x-api-key': BREAK_GLASS }), ['admin'])
    for (const scope of SCOPES) expect(() => requireScope(key, scope)).not.toThrow()
  })
})

function nanoseconds(work: () => unknown): number {
  const round = () => {
    const started = process.hrtime.bigint()
    for (let n = 0; n < 20_000; n++) work()
    return Number(process.hrtime.bigint() - started) / 20_000
  }
  return Math.round(Math.min(...Array.from({ length: 5 }, round)))
}
