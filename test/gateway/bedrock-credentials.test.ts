import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { proven } from '../../src/attempt/proof.ts'
import type { Credential } from '../../src/contract/decision.ts'
import { Secret } from '../../src/contract/secret.ts'
import { bytesOf } from '../../src/contract/upstream.ts'
import { readParts } from '../../src/policy/parts.ts'
import { createGuard } from '../../src/upstream/guard.ts'
import { createUpstream } from '../../src/upstream/send.ts'
import { createTokens } from '../../src/upstream/tokens.ts'
import { assumeRole } from '../../src/wire/assume-role.ts'
import { sigv4 } from '../../src/wire/sigv4.ts'
import { ByHand } from '../support/by-hand.ts'
import { event } from '../support/event-stream.ts'
import { requestTo } from '../support/exchange.ts'
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { providerOf } from '../support/shipped.ts'

// Who calls Bedrock: a bearer key, or an access key whose signature holds for the very request that arrives.

const KEYS = { access_key_id: 'AKIDEXAMPLE012345678', secret_access_key: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const ROLE = { role_arn: 'arn:aws:iam::123456789012:role/team/tollgate', external_id: 'tenant-7' }
const bedrock = providerOf('bedrock')

const secrets = (parts: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, new Secret(text)]))
const read = (parts: Readonly<Record<string, string>>) => readParts(bedrock, secrets(parts), 'tenant')

describe('a credential for AWS', () => {
  it.for([
    [{ key: 'ABSK' }, 'an API key of the service', 'us-east-1'],
    [{ api_key: 'ABSK', region: 'us-gov-west-1' }, 'an API key of the service', 'us-gov-west-1'],
    [KEYS, 'an access key', 'us-east-1'],
    [{ accessKeyId: KEYS.access_key_id, aws_secret_access_key: 'x', aws_region: 'ap-southeast-2' }, 'an access key', 'ap-southeast-2'],
    [{ ...KEYS, ...ROLE, region: 'eu-west-1' }, 'a role that an access key takes on', 'eu-west-1'],
  ])('%j is %s, in %s', ([parts, name, region]) => {
    expect(read(parts as Record<string, string>)).toMatchObject({ way: { name }, fields: { region } })
  })

  it.for(['us-east-1.evil.example/', 'evil', 'us-east-1#', '../us-east-1', 'US-EAST-1', 'us-east-11'])(
    'leads nowhere but into AWS: %s',
    (region) => {
      expect(read({ ...KEYS, region })).toMatchObject({ part: 'region' })
    },
  )

  it('shows none of its secrets', () => {
    expect(read({ ...KEYS, ...ROLE, session_token: 't' })).toMatchObject({ fields: { region: 'us-east-1', role_arn: ROLE.role_arn } })
    expect(JSON.stringify(Object(read({ ...KEYS, ...ROLE, session_token: 't' })).fields)).not.toMatch(/AKID|wJalr|tenant-7/)
  })

  it('takes on its role in its own region', () => {
    const role = read({ ...KEYS, ...ROLE, region: 'eu-west-1' })
    expect(role).toMatchObject({ way: { mint: { url: 'https://sts.{region}.amazonaws.com/' }, principal: 'access_key_id' } })
  })
})

describe('a request that is signed', () => {
  let provider: FakeProvider
  let gateway: TestGateway
  let hand: ByHand
  beforeAll(async () => {
    provider = await startFakeProvider()
    gateway = await startGateway({ providers: { bedrock: `${provider.origin}/bedrock` } })
    hand = new ByHand(gateway)
  })
  afterAll(async () => {
    await gateway.stop()
    await provider.close()
  })

  async function ask(slug: string, fields: Record<string, string>, more: object = {}): Promise<Response> {
    const tenant = await hand.tenant(slug, 'enterprise')
    await hand.setting(tenant.id, 'AWS_BEARER_TOKEN_BEDROCK', JSON.stringify(fields))
    await hand.holds(tenant.key, 'bedrock/any')
    return fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${tenant.key}` },
      body: JSON.stringify({ model: 'bedrock/us.anthropic.claude-x-v1:0', messages: [{ role: 'user', content: 'Hi 潮' }], ...more }),
    })
  }

  it('holds for the path, the body and the region as they arrive', async () => {
    provider.answer({
      body: { output: { message: { content: [{ text: 'a' }] } }, stopReason: 'end_turn', usage: { inputTokens: 1, outputTokens: 1 } },
    })
    const response = await ask('signing', { ...KEYS, session_token: 'session-token-0001', region: 'eu-west-1' })
    expect(response.status, await response.text()).toBe(200)
    const { authorization, ...headers } = provider.journal.at(-1)!.headers
    expect(authorization).toContain(`Credential=${KEYS.access_key_id}/`)
    expect(authorization).toContain('/eu-west-1/bedrock/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token,')
    expect(authorization).toBe(signatureOf(provider, headers, { ...KEYS, session_token: 'session-token-0001', region: 'eu-west-1' }))
  })

  it('may ask for a stream', async () => {
    const said = [
      event('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'a' } }),
      event('messageStop', { stopReason: 'end_turn' }),
    ]
    provider.answer({ headers: { 'content-type': 'application/vnd.amazon.eventstream' }, chunks: said })
    const text = await (await ask('streaming', KEYS, { stream: true })).text()
    expect(text).toContain('[DONE]')
    const { authorization, ...headers } = provider.journal.at(-1)!.headers
    expect(authorization).toBe(signatureOf(provider, headers, { ...KEYS, region: 'us-east-1' }))
  })

  it('with a secret that is wrong is told so, and shows none of it', async () => {
    const message = 'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key.'
    const canonical = `${message} The Canonical String was ${KEYS.secret_access_key}`
    provider.answer({ status: 403, headers: { 'x-amzn-errortype': 'InvalidSignatureException:' }, body: { message: canonical } })
    const response = await ask('mistaken', KEYS)
    const text = await response.text()
    expect([response.status, JSON.parse(text).error.code]).toEqual([403, 'credential_invalid'])
    expect(text).not.toContain(KEYS.secret_access_key)
  })
})

describe('a role that is taken on', () => {
  const NOW = Date.parse('2026-05-02T10:00:00Z')
  const given = { access_key_id: 'ASIAROLE0123456789', secret_access_key: 'of/the+role', session_token: 'token-of-the-role' }
  const answer = `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>${given.access_key_id}</AccessKeyId>
    <SecretAccessKey>${given.secret_access_key}</SecretAccessKey><SessionToken>${given.session_token}</SessionToken>
    <Expiration>2026-05-02T11:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`

  it('is asked for once, and signs with what it was given', async () => {
    const sts = await startFakeProvider({ headers: { 'content-type': 'text/xml' }, body: answer })
    const upstream = createUpstream({
      ...{ guard: createGuard(), limits: { frameBytes: 1e6, headerBytes: 16_384 }, now: () => performance.now(), instance: 'test' },
    })
    const tokens = createTokens({ upstream, now: () => NOW })
    const credential = inRole(`${sts.origin}/`)
    const asked = requestTo('https://bedrock-runtime.eu-west-1.amazonaws.com', {
      provider: bedrock,
      path: '/model/m%3A0/converse',
      headers: { 'content-type': 'application/json' },
    })
    const [first, second] = [
      await proven({ tokens, now: () => NOW }, asked, credential),
      await proven({ tokens, now: () => NOW }, asked, credential),
    ]
    const signable = { method: 'POST', url: `${asked.baseUrl}${asked.path}`, headers: asked.headers, body: [bytesOf(asked)] }
    const signed = sigv4('bedrock').sign(signable, secrets({ ...given, region: 'eu-west-1' }), NOW)
    expect(first.request.headers).toEqual({ ...asked.headers, ...signed })
    expect(second.request.headers).toEqual(first.request.headers)
    expect(first.minted.map((secret) => secret.reveal()).sort()).toEqual(Object.values(given).sort())
    expect(sts.journal.map(({ headers }) => headers['authorization'])).toEqual([expect.stringContaining('/eu-west-1/sts/aws4_request')])
    expect(sts.journal[0]?.body.toString()).toContain('ExternalId=tenant-7')
    await upstream.close()
    await sts.close()
  })

  function inRole(url: string): Credential {
    const whole = read({ ...KEYS, ...ROLE, region: 'eu-west-1' })
    if ('trouble' in whole) throw new Error(whole.trouble)
    return {
      ...{ source: 'tenant', settingKey: undefined, via: undefined, last4: undefined, fingerprint: 'f', state: 'usable' },
      way: { ...whole.way, mint: assumeRole({ url }) },
      fields: whole.fields,
      secret: () => undefined,
      parts: () => whole.parts,
    }
  }
})

/** The signature that these parts would give what arrived; the signer itself is held to AWS's own figures elsewhere. */
function signatureOf(provider: FakeProvider, headers: Record<string, string>, parts: Record<string, string>): string | undefined {
  const { path, body, method } = provider.journal.at(-1)!
  const date = headers['x-amz-date']!.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')
  const signable = { method, url: provider.origin + path, headers: { 'content-type': headers['content-type']! }, body: [body] }
  return sigv4('bedrock').sign(signable, secrets(parts), Date.parse(date))['authorization']
}
