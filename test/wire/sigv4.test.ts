import { createHash, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/contract/secret.ts'
import { signV4, sigv4 } from '../../src/wire/sigv4.ts'

// Figures published by AWS: its Signature Version 4 test suite, and the worked example of its signing guide (iam, ListUsers).
const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const AT = Date.parse('2015-08-30T12:36:00Z')
const SCOPE = { region: 'us-east-1', service: 'service', at: AT }
const FORM = 'application/x-www-form-urlencoded'
const UNRESERVED = '-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const TOKEN = '6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267'

interface Vector {
  readonly name: string
  readonly url?: string
  readonly type?: string
  readonly body?: string
  readonly token?: string
  readonly service?: string
  readonly signed?: string
  readonly signature: string
}

const VECTORS: readonly Vector[] = [
  { name: 'get-vanilla', signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31' },
  {
    name: 'get-vanilla-query-order-key-case',
    url: '/?Param2=value2&Param1=value1',
    signature: 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  },
  {
    name: 'get-vanilla-query-unreserved',
    url: `/?${UNRESERVED}=${UNRESERVED}`,
    signature: '9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197',
  },
  { name: 'get-vanilla-utf8-query', url: '/?ሴ=bar', signature: '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04' },
  {
    name: 'get-vanilla-with-session-token',
    token: TOKEN,
    signed: 'host;x-amz-date;x-amz-security-token',
    signature: '07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8',
  },
  {
    name: 'post-x-www-form-urlencoded',
    type: FORM,
    body: 'Param1=value1',
    signed: 'content-type;host;x-amz-date',
    signature: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  },
  {
    name: 'the guide’s ListUsers',
    url: 'https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08',
    type: `${FORM}; charset=utf-8`,
    service: 'iam',
    signed: 'content-type;host;x-amz-date',
    signature: '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  },
]

describe('a signature of version 4', () => {
  it.each(VECTORS)('is the published one for $name', ({ url = '/', type, body, token, service = 'service', signed, signature }) => {
    const headers = signV4(
      {
        method: body === undefined ? 'GET' : 'POST',
        url: new URL(url, 'https://example.amazonaws.com').href,
        headers: { accept: 'application/json', ...(type && { 'content-type': type }) },
        body: body === undefined ? [] : [Buffer.from(body)],
      },
      { ...KEYS, sessionToken: token },
      { ...SCOPE, service },
    )
    expect(headers).toEqual({
      'x-amz-date': '20150830T123600Z',
      ...(token && { 'x-amz-security-token': token }),
      authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/${service}/aws4_request, SignedHeaders=${signed ?? 'host;x-amz-date'}, Signature=${signature}`,
    })
  })

  it('covers the path encoded once more than it is sent', () => {
    const url = 'https://bedrock-runtime.us-east-1.amazonaws.com/model/eu.anthropic.claude%3A0/converse'
    const { authorization } = signV4({ method: 'POST', url, headers: {}, body: [Buffer.from('{}')] }, KEYS, {
      ...SCOPE,
      service: 'bedrock',
    })
    const lines = ['POST', '/model/eu.anthropic.claude%253A0/converse', '', 'host:bedrock-runtime.us-east-1.amazonaws.com']
    const canonical = [...lines, 'x-amz-date:20150830T123600Z', '', 'host;x-amz-date', sha256('{}')].join('\n')
    expect(authorization).toContain(`Signature=${byHand(canonical, 'bedrock')}`)
  })

  it('is the same for a body in one piece and in several, and another for another body', () => {
    const sign = (body: readonly string[]) =>
      signV4(
        { method: 'POST', url: 'https://example.amazonaws.com/', headers: {}, body: body.map((text) => Buffer.from(text)) },
        KEYS,
        SCOPE,
      )
    expect(sign(['{"a":', '1}'])).toEqual(sign(['{"a":1}']))
    expect(sign(['{"a":2}'])).not.toEqual(sign(['{"a":1}']))
  })

  it('is made of the parts of a credential, in its region', () => {
    const parts = { access_key_id: KEYS.accessKeyId, secret_access_key: KEYS.secretAccessKey, session_token: TOKEN, region: 'eu-west-3' }
    const secrets = Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, new Secret(text)]))
    const request = { method: 'GET', url: 'https://example.amazonaws.com/', headers: {}, body: [] }
    expect(sigv4('bedrock').sign(request, secrets, AT)).toEqual(
      signV4(request, { ...KEYS, sessionToken: TOKEN }, { region: 'eu-west-3', service: 'bedrock', at: AT }),
    )
  })
})

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

function byHand(canonical: string, service: string): string {
  const text = ['AWS4-HMAC-SHA256', '20150830T123600Z', `20150830/us-east-1/${service}/aws4_request`, sha256(canonical)].join('\n')
  const steps = ['20150830', 'us-east-1', service, 'aws4_request', text]
  const hmac = (key: string | Buffer, step: string): Buffer => createHmac('sha256', key).update(step).digest()
  return steps.reduce<string | Buffer>(hmac, `AWS4${KEYS.secretAccessKey}`).toString('hex')
}
