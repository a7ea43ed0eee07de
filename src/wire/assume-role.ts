// Temporary credentials of a role: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html

import type { Mint, Minted, Parts } from '../contract/auth.ts'
import { Secret } from '../contract/secret.ts'
import { sigv4 } from './sigv4.ts'

/** Seconds; a role may be set to less than this, never below. */
const LIFE = 3600

/** `role_arn`, and where the role asks for it `external_id`, exchanged for another `access_key_id`, `secret_access_key` and `session_token`. */
export function assumeRole({ url }: { url: string }): Mint {
  const signer = sigv4('sts')
  return {
    url,
    ask(parts, { url, now }) {
      const body = Buffer.from(formOf(parts).toString())
      const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/xml' }
      return { method: 'POST', headers: { ...headers, ...signer.sign({ method: 'POST', url, headers, body: [body] }, parts, now) }, body }
    },
    read: readCredentials,
    refusal(status, body) {
      const code = element(body, 'Code')
      if (status >= 500 || code === undefined || PASSING.has(code)) return undefined
      return `${code}: ${element(body, 'Message') ?? 'the role is not given'}`
    },
  }
}

function formOf(parts: Parts): URLSearchParams {
  const form = new URLSearchParams({
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleSessionName: 'tollgate',
    DurationSeconds: String(LIFE),
  })
  form.set('RoleArn', parts['role_arn']?.reveal() ?? '')
  if (parts['external_id']) form.set('ExternalId', parts['external_id'].reveal())
  return form
}

/** Codes of the service's own trouble: https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html */
const PASSING: ReadonlySet<string> = new Set([
  'Throttling',
  'ThrottlingException',
  'RequestLimitExceeded',
  'ServiceUnavailable',
  'InternalFailure',
])

function readCredentials(body: string): Minted | undefined {
  const [id, secret, session] = ['AccessKeyId', 'SecretAccessKey', 'SessionToken'].map((name) => element(body, name))
  const expiresAt = Date.parse(element(body, 'Expiration') ?? '')
  if (id === undefined || secret === undefined || session === undefined || Number.isNaN(expiresAt)) return undefined
  const parts = { access_key_id: new Secret(id), secret_access_key: new Secret(secret), session_token: new Secret(session) }
  return { parts, expiresAt }
}

/** The text of an element that has no children and no attributes, as all that are read here. */
function element(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]?.trim()
  return text?.replace(/&(amp|lt|gt|quot|apos);/g, (_, entity: string) => ENTITIES[entity] ?? '')
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
