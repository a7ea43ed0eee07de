import { isUtf8 } from 'node:buffer'
import { z } from 'zod'
import { Secret } from '../contract/secret.ts'
import { bytesOf, type UpstreamHeaders, type UpstreamRequest } from '../contract/upstream.ts'
import { canonicalJson } from '../wire/canonical-json.ts'
import { parseExact } from '../wire/exact-json.ts'
import { redact, redactBytes } from '../wire/redact.ts'

/** One exchange with a provider as it lies on disk, one JSON file each. What others put beside these fields is left alone. */
export const recordingShape = z.looseObject({
  provider: z.string(),
  api: z.string(),
  stream: z.boolean(),
  /** Null: only the answer was kept. */
  request: z.object({ method: z.string(), url: z.string(), headers: z.record(z.string(), z.string()), body: z.string() }).nullable(),
  response: z.object({
    status: z.number(),
    headers: z.record(z.string(), z.string()),
    body: z.string(),
    encoding: z.literal('base64').optional(),
    /** The provider broke off after these bytes. */
    cut: z.boolean().optional(),
  }),
})
export type Recording = z.infer<typeof recordingShape>

/** What an exchange is found again by. `body` is canonical. */
export interface Question {
  readonly provider: string
  readonly method: string
  readonly path: string
  readonly body: string
}

export interface Answer {
  readonly status: number
  readonly headers: UpstreamHeaders
  readonly body: Buffer
  readonly cut: boolean
}

/** The exchange without its secrets: credentials are replaced whole in headers, and wherever else their value occurs. */
export function encodeRecording(request: UpstreamRequest, answer: Answer): Recording {
  const secrets = secretsOf(request)
  const scrubbed = (headers: UpstreamHeaders): Record<string, string> =>
    Object.fromEntries(
      Object.entries(headers)
        .filter(([name]) => !FRAMING.has(name))
        .map(([name, value]) => [name, isCredential(name, request) ? 'REDACTED' : redact(value, secrets)]),
    )
  const body = redactBytes(answer.body, secrets)
  return {
    provider: request.provider.id,
    api: `${request.provider.id}.${request.provider.dialect.id}`,
    stream: request.stream,
    request: {
      method: request.method,
      url: redact(urlOf(request), secrets),
      headers: scrubbed(request.headers),
      body: redact(bytesOf(request).toString(), secrets),
    },
    response: {
      status: answer.status,
      headers: scrubbed(answer.headers),
      ...(isUtf8(body) ? { body: body.toString() } : { body: body.toString('base64'), encoding: 'base64' as const }),
      ...(answer.cut ? { cut: true } : {}),
    },
  }
}

export function decodeBody({ body, encoding }: Recording['response']): Buffer {
  return Buffer.from(body, encoding ?? 'utf8')
}

/** The question a request asks; secrets are no part of it, so another key finds the same answer. */
export function questionOf(request: UpstreamRequest): Question {
  const secrets = secretsOf(request)
  const { provider, method } = request
  return {
    provider: provider.id,
    method,
    path: pathOf(redact(urlOf(request), secrets)),
    body: canonical(redact(bytesOf(request).toString(), secrets)),
  }
}

/** The question a recording answers. */
export function recordedQuestion({ provider, request }: Recording): Question | undefined {
  if (request === null) return undefined
  return { provider, method: request.method, path: pathOf(request.url), body: canonical(request.body) }
}

/** They tell how the bytes travelled once, and would lie about how they will travel again. */
const FRAMING: ReadonlySet<string> = new Set(['connection', 'content-encoding', 'content-length', 'keep-alive', 'transfer-encoding'])

const CREDENTIALS: ReadonlySet<string> = new Set([
  'api-key',
  'authorization',
  'cookie',
  'proxy-authorization',
  'set-cookie',
  'x-amz-security-token',
  'x-api-key',
  'x-goog-api-key',
])

function isCredential(name: string, { provider }: UpstreamRequest): boolean {
  return CREDENTIALS.has(name) || name === provider.auth.header.toLowerCase()
}

/** The credentials themselves, without the scheme they are sent under. */
function secretsOf(request: UpstreamRequest): Secret[] {
  return Object.entries(request.headers)
    .filter(([name]) => isCredential(name, request))
    .map(([, value]) => new Secret(value.replace(SCHEME, '')))
}

/** RFC 9110 11.1, before a credential of one word. */
const SCHEME = /^[\w-]+ (?=\S+$)/

function urlOf({ baseUrl, path }: UpstreamRequest): string {
  return baseUrl.replace(/\/+$/, '') + path
}

/** Path and query; the host may differ between then and now. A key in a query (Google's `key`) asks nothing. */
function pathOf(url: string): string {
  const { pathname, searchParams } = new URL(url, 'http://anywhere')
  searchParams.delete('key')
  searchParams.sort()
  return searchParams.size === 0 ? pathname : `${pathname}?${searchParams}`
}

/** JSON as our own encoders would write it, with its keys sorted; anything else as it is. */
function canonical(body: string): string {
  try {
    return canonicalJson(JSON.stringify(parseExact(body)))
  } catch {
    return body
  }
}
