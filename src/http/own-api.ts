import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { KeptAsked } from '../contract/gateway.ts'
import type { Load, Method, Passage } from '../contract/passage.ts'
import { GatewayError } from '../errors.ts'
import { withoutGatewayKeys } from '../wire/gateway-keys.ts'
import { boundaryOf, FormWatch } from '../wire/multipart.ts'
import { bodyOf, decodeSegment, isJson, refuseOtherMedia } from './inbound.ts'
import { takesItsTime } from './node.ts'
import { paced } from './paced.ts'

export const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] satisfies Method[]

/**
 * What is asked of a provider's own API, read from the target as it was sent: a URL parser would have put its dots in order already.
 * Throws `path_not_allowed` where another reader might take the path for one elsewhere, `invalid_value` for a credential in the query.
 */
export function passageOf(incoming: IncomingMessage, most: number): Passage {
  const [, provider, path, query] = TARGET.exec(incoming.url ?? '') ?? []
  if (provider === undefined || path === undefined) throw notAllowed('it must be /providers/<provider>/<path> in plain ASCII')
  for (const segment of path.slice(1).replace(/\/$/, '').split('/')) refuseOdd(segment)
  if (query !== undefined) refuseCredentials(query)
  if (incoming.headers.upgrade !== undefined)
    throw new GatewayError('invalid_header', 'Only HTTP is passed on to a provider: leave the Upgrade header out.')
  return {
    provider,
    // Checked before any body: the route takes no other.
    method: incoming.method as Method,
    path: path + (query ?? ''),
    open: () => loadOf(incoming, most),
  }
}

/** What is asked of an answer that a provider keeps. Throws as `passageOf` does, and `response_not_found` for what is no id. */
export function keptOf(incoming: IncomingMessage): KeptAsked {
  const [, id, rest = '', query = ''] = KEPT.exec(incoming.url ?? '') ?? []
  if (id === undefined)
    throw new GatewayError('response_not_found', 'The path names no response: ids are letters, digits, dashes and underscores.')
  refuseCredentials(query)
  // Checked before: each of these routes takes its own.
  return { id, method: incoming.method as Method, rest: rest + query }
}

const KEPT = /\/responses\/([\w-]{1,256})(\/(?:cancel|input_items))?(\?[!-"$-~]*)?$/

const TARGET = /^(?:\/t\/[^/?]+)?\/providers\/([\w.-]+)(\/[!$&'()*+,./:=@~\w%-]*)(\?[!-"$-~]*)?$/

/** Dots, slashes and percent signs are never encoded by whoever means them, and decoded once too often they lead elsewhere. */
function refuseOdd(segment: string): void {
  if (segment === '') throw notAllowed('it has an empty part')
  if (segment === '.' || segment === '..') throw notAllowed('it has dots for a part')
  if (/%(?:2[5ef]|5c)/i.test(segment)) throw notAllowed('it has an encoded dot, slash or percent sign')
  const text = decodeSegment(segment)
  if (text === undefined) throw notAllowed('it is not percent-encoded UTF-8')
  if (/\p{Cc}/u.test(text)) throw notAllowed('it has an encoded control character')
  // Some servers take letters of full width, and the like, for the plain ones.
  if (/[\\/%]|^\.{1,2}$/.test(text.normalize('NFKC'))) throw notAllowed('it has what may be read as dots or a slash')
}

const notAllowed = (why: string): GatewayError =>
  new GatewayError('path_not_allowed', `This path is not passed on to a provider: ${why}. Write it as the provider's reference does.`)

/** The key that pays is the gateway's to find; another one in the address would be taken for it, by the provider or in a log. */
function refuseCredentials(query: string): void {
  const named = [...new URLSearchParams(query).keys()].find((name) => CREDENTIALS.has(name.toLowerCase()))
  if (named === undefined && withoutGatewayKeys(query) === query) return
  const what = named ?? 'query'
  throw new GatewayError('invalid_value', `The address holds a key (${what}): send it in a header, and the gateway's only.`, {
    param: what,
  })
}

const CREDENTIALS: ReadonlySet<string> = new Set(['key', 'api_key', 'api-key', 'apikey', 'access_token'])

/** JSON whole, within what any request may have; forms and all else as they come, of any length. */
async function loadOf(incoming: IncomingMessage, most: number): Promise<Load | undefined> {
  const { 'content-type': type = '', 'content-length': told, 'transfer-encoding': chunked } = incoming.headers
  const length = told === undefined ? undefined : Number(told)
  if (chunked === undefined && (length ?? 0) === 0) return undefined
  const boundary = boundaryOf(type)
  if (isJson(type) || boundary !== undefined) refuseOtherMedia(incoming, boundary !== undefined)
  else refuseUnread(incoming, type)
  if (isJson(type)) return wholeLoad(await bodyOf(incoming, most))
  const pieces = paced(incoming)
  const held: Buffer[] = []
  const opened = boundary === undefined ? await openedBytes(pieces, held) : await openedForm(pieces, { held, boundary, most })
  if (opened === 'json') {
    const body = await collected(pieces, { held, most })
    return body.length === 0 ? undefined : wholeLoad(body)
  }
  takesItsTime(incoming)
  const { model, rest } = opened
  return { body: Readable.from(joined(held, rest), { objectMode: false }), length, ...(model !== undefined && { model }) }
}

/** What hides a model's name from us and not from a provider. */
function refuseUnread({ headers }: IncomingMessage, type: string): void {
  const wrong = (sentence: string) => new GatewayError('unsupported_media_type', sentence)
  if (/^multipart\/form-data/i.test(type)) throw wrong('The content-type is no form with a boundary: send it as RFC 7578 has it.')
  if (/^application\/x-www-form-urlencoded/i.test(type))
    throw wrong('Forms of this kind are not passed on: send JSON, or multipart/form-data.')
  const coding = headers['content-encoding']
  if (coding !== undefined && coding.toLowerCase() !== 'identity') throw wrong('Compressed bodies are not taken: send the body as it is.')
}

const wholeLoad = (body: Buffer): Load => ({ body, length: body.length })

type Pieces = AsyncGenerator<Buffer, undefined>
type Opened = { readonly model?: string; readonly rest: Pieces }

/** Providers read JSON whatever it is called, so what begins like it is judged as it. */
async function openedBytes(pieces: Pieces, held: Buffer[]): Promise<Opened | 'json'> {
  for (let bytes = 0; bytes < MOST_BLANK; ) {
    const { done, value } = await pieces.next()
    if (done) break
    held.push(value)
    bytes += value.length
    const first = value.find((byte) => !BLANK.has(byte))
    if (first !== undefined) return first === OPEN_BRACE || first === OPEN_BRACKET ? 'json' : { rest: pieces }
  }
  // Blanks without end, or nothing else.
  return 'json'
}

const MOST_BLANK = 64 * 1024
const OPEN_BRACE = 0x7b
const OPEN_BRACKET = 0x5b
/** White space, and what other encodings than UTF-8 put before and between their characters. */
const BLANK: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d, 0x00, 0xef, 0xbb, 0xbf, 0xfe, 0xff])

interface FormStart {
  readonly held: Buffer[]
  readonly boundary: string
  readonly most: number
}

/** A form is judged by what stands before its first file; a model after that is refused while it goes by. */
async function openedForm(pieces: Pieces, { held, boundary, most }: FormStart): Promise<Opened> {
  const watch = new FormWatch(boundary, 'model')
  let bytes = 0
  while (!watch.found && !watch.atFile) {
    const { done, value } = await pieces.next()
    if (done) {
      watch.end()
      break
    }
    bytes += value.length
    if (bytes > most) throw tooLarge(most)
    watch.push(value)
    held.push(value)
  }
  watch.sealed = true
  return { ...(watch.found && { model: watch.found.text }), rest: watched(pieces, watch) }
}

async function* watched(pieces: Pieces, watch: FormWatch): Pieces {
  for await (const piece of pieces) {
    watch.push(piece)
    yield piece
  }
  watch.end()
}

async function* joined(held: Buffer[], rest: Pieces): Pieces {
  yield* held.splice(0)
  yield* rest
}

async function collected(pieces: Pieces, { held, most }: { held: Buffer[]; most: number }): Promise<Buffer> {
  let bytes = held.reduce((sum, { length }) => sum + length, 0)
  for await (const piece of pieces) {
    bytes += piece.length
    if (bytes > most) throw tooLarge(most)
    held.push(piece)
  }
  return Buffer.concat(held, bytes)
}

const tooLarge = (most: number): GatewayError =>
  new GatewayError('request_too_large', `The body is larger than ${most} bytes: send less, or raise sizes.body in gateway.yaml.`)
