// OAuth 2.0 between servers: credentials are exchanged for a bearer token, which goes by the part `access_token`.

import { createSign } from 'node:crypto'
import type { Mint, Minted, Parts } from '../contract/auth.ts'
import { Secret } from '../contract/secret.ts'

/** A service account's `client_email` and `private_key` (PEM) sign an assertion: RFC 7523 2.1. `audience` is what the assertion is for. */
export function jwtBearer({ url, audience, scope }: { url: string; audience: string; scope: string }): Mint {
  return token(url, (parts, now) => ({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: signedJwt(parts, { aud: audience, scope, now }),
  }))
}

/** A user's `refresh_token`, with the `client_id` and `client_secret` of the program it was given to: RFC 6749 6. */
export function refreshToken({ url }: { url: string }): Mint {
  return token(url, (parts) => ({ grant_type: 'refresh_token', ...told(parts, ['client_id', 'client_secret', 'refresh_token']) }))
}

/** An application's `client_id` and `client_secret`: RFC 6749 4.4. */
export function clientCredentials({ url, scope }: { url: string; scope: string }): Mint {
  return token(url, (parts) => ({ grant_type: 'client_credentials', scope, ...told(parts, ['client_id', 'client_secret']) }))
}

/** What a cloud tells the machines it runs, to whoever asks with these headers. */
export function machineToken({ url, headers }: { url: string; headers: Readonly<Record<string, string>> }): Mint {
  return { url, ask: () => ({ method: 'GET', headers }), read: readToken, refusal: () => undefined }
}

function token(url: string, form: (parts: Parts, now: number) => Record<string, string>): Mint {
  return {
    url,
    ask: (parts, { now }) => ({
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: Buffer.from(new URLSearchParams(form(parts, now)).toString()),
    }),
    read: readToken,
    refusal: readRefusal,
  }
}

function told(parts: Parts, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (parts[name] ? [[name, parts[name].reveal()]] : [])))
}

/** Seconds an assertion is good for: the longest that token services take. */
const ASSERTED = 3600

function signedJwt(parts: Parts, { now, ...claims }: { aud: string; scope: string; now: number }): string {
  const { client_email: iss = '', private_key_id: kid } = told(parts, ['client_email', 'private_key_id'])
  const iat = Math.floor(now / 1000)
  const header = { alg: 'RS256', typ: 'JWT', ...(kid !== undefined && { kid }) }
  const text = `${segment(header)}.${segment({ iss, ...claims, iat, exp: iat + ASSERTED })}`
  // In an environment variable the lines of a key are often written with a backslash and an n.
  const key = (parts['private_key']?.reveal() ?? '').replaceAll('\\n', '\n')
  return `${text}.${createSign('RSA-SHA256').update(text).sign(key, 'base64url')}`
}

const segment = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** RFC 6749 5.1; some write `expires_in` as text. */
function readToken(body: string, now: number): Minted | undefined {
  const { access_token, expires_in } = objectIn(body)
  const seconds = Number(expires_in)
  if (typeof access_token !== 'string' || !/^[!-~]+$/.test(access_token) || !(seconds > 0)) return undefined
  return { parts: { access_token: new Secret(access_token) }, expiresAt: now + seconds * 1000 }
}

/** RFC 6749 5.2: every one of its codes says that something is wrong with what was sent, and all that differs between credentials is theirs. */
function readRefusal(status: number, body: string): string | undefined {
  const { error, error_description } = objectIn(body)
  if ((status !== 400 && status !== 401) || typeof error !== 'string') return undefined
  return typeof error_description === 'string' ? `${error}: ${error_description}` : error
}

function objectIn(body: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(body))
  } catch {
    return {}
  }
}
