// Credentials of several parts: a request is signed, or carries a token that its parts were exchanged for.

import type { Auth, Parts } from '../contract/auth.ts'
import type { CredentialWay } from '../contract/credential-schema.ts'
import type { Credential } from '../contract/decision.ts'
import type { Gateway } from '../contract/gateway.ts'
import type { Provider } from '../contract/provider.ts'
import type { Secret } from '../contract/secret.ts'
import type { UpstreamRequest } from '../contract/upstream.ts'
import { GatewayError } from '../errors.ts'

/** The header that carries the credential, at the moment it is needed; none where proof comes later. Throws `credential_unreadable`. */
export function authOf({ auth: own }: Provider, credential: Credential): Record<string, string> {
  const { way } = credential
  if (way === undefined) {
    const secret = credential.secret()
    return secret ? { [own.header]: own.prefix + secret.reveal() } : {}
  }
  const auth = way.auth ?? own
  return isProvenLate(credential) || 'sign' in auth ? {} : headerOf(auth, credential.parts?.() ?? {})
}

/** Whether a request is proven only when it is complete, or with parts that must be fetched first. */
export function isProvenLate({ way }: Credential): boolean {
  if (way === undefined) return false
  return way.mint !== undefined || way.headers !== undefined || (way.auth !== undefined && 'sign' in way.auth)
}

/** The request with its proof, and the short-lived secrets that are in play from now on. Rejects where the exchange of parts fails. */
export async function proven(
  gateway: Pick<Gateway, 'tokens' | 'now'>,
  request: UpstreamRequest,
  credential: Credential,
): Promise<{ readonly request: UpstreamRequest; readonly minted: readonly Secret[] }> {
  const { way, parts: own } = credential
  if (!way || !own) return { request, minted: [] }
  const fresh = way.mint ? await gateway.tokens.mint(request.provider, credential, way.mint) : {}
  const parts = { ...own(), ...fresh }
  const whole = { ...request, headers: { ...request.headers, ...headersWith(way, parts) } }
  const proof = proofOf(way.auth ?? request.provider.auth, whole, { parts, now: gateway.now() })
  return { request: { ...whole, headers: { ...whole.headers, ...proof } }, minted: Object.values(fresh) }
}

function headersWith({ headers = {} }: CredentialWay, parts: Parts): Record<string, string> {
  const given = Object.entries(headers).flatMap(([name, part]) => (parts[part] ? [[name, parts[part].reveal()] as const] : []))
  return Object.fromEntries(given)
}

function proofOf(auth: Auth, request: UpstreamRequest, { parts, now }: { parts: Parts; now: number }): Readonly<Record<string, string>> {
  if (!('sign' in auth)) return headerOf(auth, parts)
  const { method, baseUrl, path, headers, body = [] } = request
  if (!Buffer.isBuffer(body) && !Array.isArray(body)) {
    throw new GatewayError('unsupported_parameter', `${request.provider.name} takes no forms: its requests are signed whole.`)
  }
  return auth.sign({ method, url: baseUrl.replace(/\/+$/, '') + path, headers, body: Buffer.isBuffer(body) ? [body] : body }, parts, now)
}

function headerOf({ header, prefix, part = 'key' }: Exclude<Auth, { sign: unknown }>, parts: Parts): Record<string, string> {
  const secret = parts[part]
  return secret ? { [header]: prefix + secret.reveal() } : {}
}
