import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import type { Presented } from '../contract/gateway.ts'
import { GatewayError } from '../errors.ts'
import { inRange } from '../wire/cidr.ts'
import { boundaryOf } from '../wire/multipart.ts'

/** Who seems to call: headers by name, the path's tenant tag, the address behind trusted proxies. */
export class Presenting implements Presented {
  readonly incoming: IncomingMessage
  readonly pathTag: string | undefined
  readonly #trustedProxies: readonly string[]

  constructor(incoming: IncomingMessage, pathTag: string | undefined, trustedProxies: readonly string[]) {
    this.incoming = incoming
    this.pathTag = pathTag
    this.#trustedProxies = trustedProxies
  }

  header(name: string): string | undefined {
    const value = this.incoming.headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }

  get ip(): string | undefined {
    return addressOf(this.incoming, this.#trustedProxies)
  }
}

/**
 * Refuses requests that two readers could understand differently: Node takes the first of two hosts or authorizations, another reader
 * may take the last (RFC 9112 3.2, RFC 9110 5.3).
 */
export function refuseAmbiguous({ rawHeaders, url, httpVersion, headers }: IncomingMessage): void {
  let hosts = 0
  let authorizations = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++
    else if (name.length === 13 && name.toLowerCase() === 'authorization') authorizations++
  }
  if (authorizations > 1) throw new GatewayError('ambiguous_credentials', 'The Authorization header is sent twice: send one.')
  if (hosts > 1) throw new GatewayError('invalid_header', 'The Host header is sent twice: send one.')
  if (!url?.startsWith('/')) throw new GatewayError('invalid_header', 'The request target must be a path.')
  if (httpVersion === '1.0' && headers['transfer-encoding'] !== undefined) {
    throw new GatewayError('invalid_header', 'HTTP/1.0 has no Transfer-Encoding: send Content-Length, or use HTTP/1.1.')
  }
}

/** A JSON body in UTF-8, sent as it is: anything else is named and refused before a byte of it is read. */
export function refuseOtherMedia({ headers }: Pick<IncomingMessage, 'headers'>, forms = false): void {
  const type = headers['content-type'] ?? ''
  const wrong = (sentence: string) => new GatewayError('unsupported_media_type', sentence)
  if (!JSON_TYPE.test(type) && !(forms && boundaryOf(type) !== undefined)) throw wrong(otherMedia(type, forms))
  const charset = /charset\s*=\s*"?([^";\s]+)/i.exec(type)?.[1]
  if (charset !== undefined && charset.toLowerCase() !== 'utf-8') throw wrong('JSON is UTF-8 (RFC 8259): send it so.')
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
    throw wrong('Compressed bodies are not taken: send the JSON as it is.')
}

function otherMedia(type: string, forms: boolean): string {
  const sent = `The content-type is ${type === '' ? 'missing' : forms ? 'no form with a boundary' : 'not JSON'}`
  return forms ? `${sent}: send multipart/form-data.` : `${sent}: send content-type: application/json.`
}

export const isJson = (type: string): boolean => JSON_TYPE.test(type)

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i

/** The whole body; rejects with `request_too_large` as soon as it is known to be. */
export function bodyOf(incoming: IncomingMessage, most: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const tooLarge = () =>
      new GatewayError('request_too_large', `The body is larger than ${most} bytes: send less, or raise sizes.body in gateway.yaml.`)
    const declared = Number(incoming.headers['content-length'] ?? 0)
    if (declared > most) {
      reject(tooLarge())
      return
    }
    const body = new Collected(declared)
    incoming.on('data', (chunk: Buffer<ArrayBuffer>) => {
      body.add(chunk)
      if (body.bytes <= most) return
      incoming.removeAllListeners('data').pause()
      reject(tooLarge())
    })
    incoming.on('end', () => resolve(body.whole()))
    const gone = (): void => {
      // An error has a stack, and nearly every request closes whole.
      if (!incoming.readableEnded) reject(new GatewayError('client_closed_request', 'The client left before its request was whole.'))
    }
    incoming.on('error', gone).on('close', gone)
  })
}

/** The pieces of a body. Where its length was declared, to which Node holds the client, each is copied while it is still in the cache. */
class Collected {
  bytes = 0
  readonly #declared: number
  #sized: Buffer | undefined
  readonly #chunks: Buffer<ArrayBuffer>[] = []

  constructor(declared: number) {
    this.#declared = declared
  }

  add(chunk: Buffer<ArrayBuffer>): void {
    const at = this.bytes
    this.bytes += chunk.length
    if (this.#declared <= chunk.length) this.#chunks.push(chunk)
    else {
      this.#sized ??= Buffer.allocUnsafe(this.#declared)
      this.#sized.set(chunk, at)
      letGo(chunk)
    }
  }

  whole(): Buffer {
    const [only] = this.#chunks
    return this.#sized ?? (only && this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks, this.bytes))
  }
}

/** Frees a piece that was copied. Left to V8, it is one more reason to collect the whole heap, which large bodies have done every few dozen of them. */
function letGo({ buffer, byteLength }: Buffer<ArrayBuffer>): void {
  // Nobody else's bytes are in it.
  if (buffer.byteLength === byteLength) buffer.transfer(0)
}

/** Milliseconds. */
const LINGER = 2_000

/** Lets by for a moment what a refused client still sends: a socket closed over unread bytes takes the answer with it (RFC 9112 9.6). */
export function discard(incoming: IncomingMessage): void {
  const late = setTimeout(() => incoming.destroy(), LINGER).unref()
  // Whoever read it piece by piece has stopped, and would hold it back.
  incoming.removeAllListeners('readable')
  incoming.once('close', () => clearTimeout(late)).resume()
}

/** The peer's address, or the last one before the proxies the operator trusts. */
function addressOf({ socket, headers }: IncomingMessage, trusted: readonly string[]): string | undefined {
  let address = socket.remoteAddress
  const hops = String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((hop) => hop.trim())
    .filter((hop) => hop !== '')
  while (address !== undefined && hops.length > 0 && trusted.some((range) => inRange(address ?? '', range))) address = hops.pop()
  return address
}

/** A path segment as text; undefined where it is not valid percent-encoding of UTF-8. */
export function decodeSegment(segment: string): string | undefined {
  try {
    const text = decodeURIComponent(segment)
    return isUtf8(Buffer.from(text)) ? text : undefined
  } catch {
    return undefined
  }
}
