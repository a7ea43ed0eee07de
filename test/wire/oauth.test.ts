import { createVerify, generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/contract/secret.ts'
import { assumeRole } from '../../src/wire/assume-role.ts'
import { clientCredentials, jwtBearer, machineToken, refreshToken } from '../../src/wire/oauth.ts'
import { sigv4 } from '../../src/wire/sigv4.ts'

const URL = 'https://tokens.example/token'
const NOW = Date.parse('2026-05-02T10:00:00.500Z')
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

const secrets = (parts: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, new Secret(text)]))
const formOf = (body: Buffer | undefined) => Object.fromEntries(new URLSearchParams(body?.toString()))
const decoded = (segment = '') => JSON.parse(Buffer.from(segment, 'base64url').toString())

describe('a token of OAuth', () => {
  it.each([
    ['as it is in a file', PEM],
    ['in one line of an environment variable', PEM.replaceAll('\n', '\\n')],
  ])('is asked for with an assertion that a service account signs, its key %s', (_, private_key) => {
    const mint = jwtBearer({ url: URL, audience: 'https://audience.example/token', scope: 'all' })
    const parts = secrets({ client_email: 'robot@acme.example', private_key, private_key_id: 'kid-1', token_uri: 'https://evil.example' })
    const { method, headers, body } = mint.ask(parts, { url: URL, now: NOW })
    expect([method, headers]).toEqual(['POST', { 'content-type': 'application/x-www-form-urlencoded' }])
    const { grant_type, assertion = '' } = formOf(body)
    expect(grant_type).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
    const [header, claims, signature = ''] = assertion.split('.')
    expect(decoded(header)).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'kid-1' })
    const iat = Math.floor(NOW / 1000)
    expect(decoded(claims)).toEqual({
      iss: 'robot@acme.example',
      aud: 'https://audience.example/token',
      scope: 'all',
      iat,
      exp: iat + 3600,
    })
    expect(createVerify('RSA-SHA256').update(`${header}.${claims}`).verify(publicKey, signature, 'base64url')).toBe(true)
  })

  it('is asked for with a login, or for an application', () => {
    const login = secrets({ client_id: 'id', client_secret: 'secret', refresh_token: 'refresh', quota: 'x' })
    expect(formOf(refreshToken({ url: URL }).ask(login, { url: URL, now: NOW }).body)).toEqual({
      ...{ grant_type: 'refresh_token', client_id: 'id', client_secret: 'secret', refresh_token: 'refresh' },
    })
    expect(formOf(clientCredentials({ url: URL, scope: 'https://x/.default' }).ask(login, { url: URL, now: NOW }).body)).toEqual({
      ...{ grant_type: 'client_credentials', scope: 'https://x/.default', client_id: 'id', client_secret: 'secret' },
    })
  })

  it('is asked of the machine with the header that no browser sends', () => {
    const headers = { 'metadata-flavor': 'Google' }
    expect(machineToken({ url: URL, headers }).ask({}, { url: URL, now: NOW })).toEqual({ method: 'GET', headers })
  })

  it.each([
    ['{"access_token":"t","expires_in":60}', 60],
    ['{"access_token":"t","expires_in":"3599","token_type":"Bearer"}', 3599],
  ])('is read from %s', (body, seconds) => {
    const minted = refreshToken({ url: URL }).read(body, NOW)
    expect(minted?.parts['access_token']?.reveal()).toBe('t')
    expect(minted?.expiresAt).toBe(NOW + seconds * 1000)
  })

  it.each([
    '',
    '[]',
    'null',
    '{}',
    '{"access_token":"t"}',
    '{"access_token":"a\\nb","expires_in":1}',
    '{"access_token":"","expires_in":1}',
    '{"access_token":"t","expires_in":0}',
  ])('is not in %s', (body) => expect(refreshToken({ url: URL }).read(body, NOW)).toBeUndefined())

  it('is refused in words that say so, and in no others', () => {
    const { refusal } = refreshToken({ url: URL })
    expect(refusal(400, '{"error":"invalid_grant","error_description":"Account deleted."}')).toBe('invalid_grant: Account deleted.')
    expect(refusal(401, '{"error":"invalid_client"}')).toBe('invalid_client')
    expect([refusal(503, '{"error":"invalid_grant"}'), refusal(400, 'oops'), refusal(429, '{}')]).toEqual([undefined, undefined, undefined])
  })
})

describe('a role', () => {
  const mint = assumeRole({ url: 'https://sts.eu-west-1.amazonaws.com/' })
  const parts = secrets({
    ...{ access_key_id: 'AKID', secret_access_key: 'secret', region: 'eu-west-1' },
    ...{ role_arn: 'arn:aws:iam::1:role/r', external_id: 'x&y' },
  })

  it('is asked for in a signed request', () => {
    const url = 'https://sts.eu-west-1.amazonaws.com/'
    const { method, headers, body } = mint.ask(parts, { url, now: NOW })
    expect(formOf(body)).toEqual({
      ...{ Action: 'AssumeRole', Version: '2011-06-15', RoleSessionName: 'tollgate', DurationSeconds: '3600' },
      ...{ RoleArn: 'arn:aws:iam::1:role/r', ExternalId: 'x&y' },
    })
    const { authorization, 'x-amz-date': date, ...plain } = headers
    expect({ authorization, 'x-amz-date': date }).toEqual(sigv4('sts').sign({ method, url, headers: plain, body: [body!] }, parts, NOW))
  })

  it('comes as three parts that end together', () => {
    const body = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><AssumedRoleUser><Arn>arn:x</Arn></AssumedRoleUser>
      <Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>a/b+c</SecretAccessKey>
      <SessionToken>t&amp;=</SessionToken><Expiration>2026-05-02T11:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`
    const minted = mint.read(body, NOW)
    const values = Object.entries(minted?.parts ?? {}).map(([name, secret]) => [name, secret.reveal()])
    expect(Object.fromEntries(values)).toEqual({ access_key_id: 'ASIA1', secret_access_key: 'a/b+c', session_token: 't&=' })
    expect(minted?.expiresAt).toBe(Date.parse('2026-05-02T11:00:00Z'))
    expect(mint.read('<Credentials><AccessKeyId>ASIA1</AccessKeyId></Credentials>', NOW)).toBeUndefined()
  })

  it('is refused by what is wrong with the parts, not by the service’s own trouble', () => {
    const error = (code: string) =>
      `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>No.</Message></Error></ErrorResponse>`
    expect(mint.refusal(403, error('InvalidClientTokenId'))).toBe('InvalidClientTokenId: No.')
    expect(mint.refusal(403, error('AccessDenied'))).toBe('AccessDenied: No.')
    expect([mint.refusal(400, error('Throttling')), mint.refusal(503, error('ServiceUnavailable')), mint.refusal(400, '')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})
