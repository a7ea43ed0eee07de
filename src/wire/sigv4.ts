// AWS Signature Version 4: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

import { createHash, createHmac } from 'node:crypto'
import type { Parts, Signable, SignedAuth } from '../contract/auth.ts'

/** What a signature is made with. */
export interface SigningKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of temporary credentials. */
  readonly sessionToken?: string | undefined
}

/** For whom it holds, and when: `at` in milliseconds since the epoch. */
export interface SigningScope {
  readonly region: string
  readonly service: string
  readonly at: number
}

/** Requests signed with `access_key_id`, `secret_access_key` and, where there is one, `session_token`, in the credential's `region`. */
export function sigv4(service: string): SignedAuth {
  return {
    sign(request, parts, now) {
      const keys = { accessKeyId: text(parts, 'access_key_id'), secretAccessKey: text(parts, 'secret_access_key') }
      const scope = { region: text(parts, 'region'), service, at: now }
      return signV4(request, { ...keys, sessionToken: parts['session_token']?.reveal() }, scope)
    },
  }
}

const text = (parts: Parts, name: string): string => parts[name]?.reveal() ?? ''

/** The headers to add. Signed are the host, the content type, and every `x-amz-` header. */
export function signV4(request: Signable, keys: SigningKeys, scope: SigningScope): Readonly<Record<string, string>> {
  const time = new Date(scope.at).toISOString().replace(/[:-]|\.\d{3}/g, '')
  const added = { 'x-amz-date': time, ...(keys.sessionToken !== undefined && { 'x-amz-security-token': keys.sessionToken }) }
  const { canonical, signed } = canonicalRequest({ ...request, headers: { ...request.headers, ...added } })
  const day = time.slice(0, 8)
  const scoped = [day, scope.region, scope.service, 'aws4_request']
  const toSign = [ALGORITHM, time, scoped.join('/'), sha256([canonical])].join('\n')
  const key = scoped.reduce<string | Buffer>((secret, step) => hmac(secret, step), `AWS4${keys.secretAccessKey}`)
  const signature = hmac(key, toSign).toString('hex')
  const credential = [keys.accessKeyId, ...scoped].join('/')
  return { ...added, authorization: `${ALGORITHM} Credential=${credential}, SignedHeaders=${signed}, Signature=${signature}` }
}

const ALGORITHM = 'AWS4-HMAC-SHA256'

function canonicalRequest({ method, url, headers, body }: Signable): { readonly canonical: string; readonly signed: string } {
  const { host, pathname, search } = new URL(url)
  const named = Object.entries({ ...headers, host }).filter(([name]) => SIGNED.test(name))
  const sorted = named.sort(([a], [b]) => (a < b ? -1 : 1))
  const lines = sorted.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, ' ')}\n`)
  const signed = sorted.map(([name]) => name).join(';')
  const parts = [method, canonicalPath(pathname), canonicalQuery(search), lines.join(''), signed, sha256(body)]
  return { canonical: parts.join('\n'), signed }
}

const SIGNED = /^(?:host|content-type|x-amz-.+)$/

/** Every service but S3 signs the path encoded once more than it is sent. */
const canonicalPath = (pathname: string): string => pathname.split('/').map(encoded).join('/')

function canonicalQuery(search: string): string {
  const pairs = [...new URLSearchParams(search)].map(([name, value]) => [encoded(name), encoded(value)] as const)
  const sorted = pairs.sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
  return sorted.map(([name, value]) => `${name}=${value}`).join('&')
}

/** All but the unreserved characters of RFC 3986 2.3. */
const encoded = (part: string): string =>
  encodeURIComponent(part).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)

function sha256(pieces: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece)
  return hash.digest('hex')
}

const hmac = (key: string | Buffer, step: string): Buffer => createHmac('sha256', key).update(step).digest()
