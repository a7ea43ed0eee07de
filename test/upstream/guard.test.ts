import { createServer } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../src/errors.ts'
import { isGlobalUnicast } from '../../src/upstream/address.ts'
import { createGuard, type GuardPolicy, type Resolve } from '../../src/upstream/guard.ts'
import { createUpstream } from '../../src/upstream/send.ts'
import { type Outcome, requestTo, run } from '../support/exchange.ts'
import { startFakeProvider } from '../support/fake-provider.ts'

const guard = createGuard()

/** What the guard says of a base URL: the URL to use, or the code of its refusal. */
function judged(baseUrl: string, given = guard): string {
  try {
    return given.check(baseUrl)
  } catch (error) {
    return error instanceof GatewayError ? error.code : String(error)
  }
}

/** Sends as a tenant would, and tells how it ended. */
async function sentAs(baseUrl: string, policy: GuardPolicy = {}): Promise<Outcome> {
  const limits = { frameBytes: 1024, headerBytes: 1024 }
  const upstream = createUpstream({ guard: createGuard(policy), limits, now: () => performance.now(), instance: 'g' })
  const outcome = await run(upstream, requestTo(baseUrl, { guardedFor: 'tenant-1', deadlines: { connect: 400 } })).outcome
  await upstream.close()
  return outcome
}

// Every way known to us to write an inner address, or to make two readers of one URL disagree.
const REFUSED = [
  // Loopback, in all the forms an address parser forgives.
  'https://127.0.0.1',
  'https://2130706433',
  'https://0x7f.1',
  'https://0177.0.0.1',
  'https://127。0。0。1',
  'https://①②⑦.0.0.1',
  'https://[::ffff:127.0.0.1]',
  'https://127.1',
  'https://0',
  'https://localhost',
  'https://%31%32%37.0.0.1',
  'https://[::1]',
  'https://[::]',
  // An inner IPv4 address inside an IPv6 one: mapped, NAT64, 6to4, Teredo; and a zone.
  'https://[::ffff:a00:1]',
  'https://[64:ff9b::10.0.0.1]',
  'https://[64:ff9b::a9fe:a9fe]',
  'https://[2002:7f00:1::]',
  'https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]',
  'https://[fe80::1%25eth0]',
  'https://[fe80::1]',
  'https://[fd00:ec2::254]',
  // Clouds' metadata.
  'https://169.254.169.254',
  'https://168.63.129.16',
  'https://100.100.100.200',
  'https://metadata.google.internal.',
  // Inner networks.
  'https://10.0.0.1',
  'https://172.16.0.1',
  'https://192.168.1.1',
  'https://224.0.0.1',
  'https://255.255.255.255',
  // Two readers, two hosts.
  'https://user:pass@api.example.com',
  'https://api.example.com@10.0.0.1',
  'https:evil.example.com',
  'https:/evil.example.com',
  'https:\\\\evil.example.com',
  'https://api.example.com\\@evil.example.com',
  'https://api.example.com#@evil.example.com',
  'https://api.example.com?x=1',
  'https://api.exa\tmple.com',
  'https://api.exa\rmple.com',
  ' https://api.example.com',
  'https://api.exämple.com',
  'https://api.example.com.',
  'https://intranet',
  // Ports.
  'https://api.example.com:0',
  'https://api.example.com:22',
  'https://api.example.com:25',
  'https://api.example.com:6379',
  'https://api.example.com:65536',
  // Schemes.
  'http://api.example.com',
  'ftp://api.example.com',
  'unix:/var/run/docker.sock',
  'file:///etc/passwd',
  '',
  'api.example.com',
]

describe('a tenant’s base URL', () => {
  it.each(REFUSED)('refuses %j', (baseUrl) => {
    expect(judged(baseUrl)).toBe('base_url_not_allowed')
  })

  it.each([
    ['https://my-resource.openai.azure.com/openai/v1/', 'https://my-resource.openai.azure.com/openai/v1'],
    ['https://API.example.com:443', 'https://api.example.com'],
    ['https://vllm.example.com:8443/v1', 'https://vllm.example.com:8443/v1'],
    ['https://8.8.8.8/v1', 'https://8.8.8.8/v1'],
    ['https://[2606:4700::1111]/v1', 'https://[2606:4700::1111]/v1'],
    ['https://xn--exmple-cua.com', 'https://xn--exmple-cua.com'],
  ])('lets %j pass, as %j', (given, used) => {
    expect(judged(given)).toBe(used)
  })

  it('may be what the operator trusts, by whole origin', () => {
    const trusting = createGuard({ trustedOrigins: ['http://10.0.0.5:8000'] })
    expect(judged('http://10.0.0.5:8000/v1', trusting)).toBe('http://10.0.0.5:8000/v1')
    for (const near of ['http://10.0.0.5:8001', 'https://10.0.0.5:8000', 'http://10.0.0.50:8000', 'http://10.0.0.5']) {
      expect([near, judged(near, trusting)]).toEqual([near, 'base_url_not_allowed'])
    }
  })
})

describe('an address', () => {
  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '172.15.0.1',
    '172.32.0.1',
    '100.63.0.1',
    '223.255.255.255',
    '2606:4700::1111',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
  ])('%s is global', (address) => expect(isGlobalUnicast(address)).toBe(true))

  it.each([
    '',
    'example.com',
    '1.2.3',
    '::',
    '::ffff:0:127.0.0.1',
    '64:ff9b:1::8.8.8.8',
    '2606:4700::1111%eth0',
    '4000::1',
    'ff02::1',
    '2001:db8::1',
  ])('%s is not', (address) => expect(isGlobalUnicast(address)).toBe(false))

  it('is never judged more kindly inside IPv6 than alone', () => {
    fc.assert(
      fc.property(fc.ipV4(), (v4) => {
        const alone = isGlobalUnicast(v4)
        expect([isGlobalUnicast(`::ffff:${v4}`), isGlobalUnicast(`64:ff9b::${v4}`)]).toEqual([alone, alone])
      }),
      { numRuns: 2_000 },
    )
  })

  it('agrees with an independent reading of the private ranges', () => {
    const inner = (a: number, b: number): boolean =>
      [0, 10, 127].includes(a) ||
      a >= 224 ||
      (a === 172 && b >> 4 === 1) ||
      (a === 192 && b === 168) ||
      (a === 169 && b === 254) ||
      (a === 100 && b >> 6 === 1) ||
      (a === 198 && b >> 1 === 9)
    fc.assert(
      fc.property(fc.tuple(fc.nat(255), fc.nat(255)), ([a, b]) => {
        // The third number keeps clear of the /24s reserved for documents.
        expect([`${a}.${b}.77.9`, isGlobalUnicast(`${a}.${b}.77.9`)]).toEqual([`${a}.${b}.77.9`, !inner(a, b)])
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('dialling a tenant’s endpoint', () => {
  it('refuses before any socket is opened, however the request got here', async () => {
    const outcome = await sentAs('https://127.0.0.1')
    expect([outcome.error?.code, outcome.sent]).toEqual(['base_url_not_allowed', false])
  })

  it.each([
    { name: 'an inner address', addresses: ['10.0.0.1'] },
    { name: 'one inner address among public ones', addresses: ['93.184.215.14', '127.0.0.1'] },
    { name: 'an inner address of the other family', addresses: ['93.184.215.14', '::1'] },
  ])('refuses a name that leads to $name', async ({ addresses }) => {
    const outcome = await sentAs('https://api.example.com', {
      resolve: (_host, found) =>
        found(
          null,
          addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        ),
    })
    expect([outcome.error?.code, outcome.sent]).toEqual(['base_url_not_allowed', false])
  })

  it('resolves anew for every connection, so a name that moves inside is caught', async () => {
    const asked: string[] = []
    const resolve: Resolve = (host, found) => {
      asked.push(host)
      if (asked.length === 1) found(Object.assign(new Error('not yet'), { code: 'EAI_AGAIN' }), [])
      else found(null, [{ address: '127.0.0.1', family: 4 }])
    }
    const limits = { frameBytes: 1024, headerBytes: 1024 }
    const upstream = createUpstream({ guard: createGuard({ resolve }), limits, now: () => performance.now(), instance: 'g' })
    const request = requestTo('https://api.example.com', { guardedFor: 't', deadlines: { connect: 300 } })
    const codes = [(await run(upstream, request).outcome).error?.code, (await run(upstream, request).outcome).error?.code]
    await upstream.close()
    expect([codes, asked.length]).toEqual([['upstream_unreachable', 'base_url_not_allowed'], 2])
  })

  it('says so where a name leads nowhere', async () => {
    const outcome = await sentAs('https://api.example.com', { resolve: (_host, found) => found(null, []) })
    expect([outcome.error?.code, outcome.sent]).toEqual(['upstream_unreachable', false])
  })

  it('asks nothing of a trusted origin', async () => {
    const fake = await startFakeProvider({ body: { ok: true } })
    const outcome = await sentAs(fake.origin, { trustedOrigins: [fake.origin] })
    await fake.close()
    expect(outcome.body).toBe('{"ok":true}')
  })

  it('does not stand in the operator’s own way', async () => {
    const fake = await startFakeProvider({ body: { ok: true } })
    const limits = { frameBytes: 1024, headerBytes: 1024 }
    const upstream = createUpstream({ guard, limits, now: () => performance.now(), instance: 'g' })
    expect((await run(upstream, requestTo(fake.origin)).outcome).status).toBe(200)
    await Promise.all([upstream.close(), fake.close()])
  })

  it('judges the socket itself, whatever was resolved', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? String(address?.port) : ''
    // Reached directly, past `check`: the dialler alone must hold.
    const error = await new Promise<Error | null>((resolve) =>
      guard.connect({ hostname: '127.0.0.1', host: `127.0.0.1:${port}`, protocol: 'http:', port }, (...answer) => resolve(answer[0])),
    )
    server.close()
    expect(error).toMatchObject({ code: 'base_url_not_allowed' })
  })
})
