import { type LookupAddress, lookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { buildConnector } from 'undici'
import { GatewayError } from '../errors.ts'
import { isGlobalUnicast } from './address.ts'
import { frugalReads } from './reads.ts'

/** Stands between the gateway's network and base URLs that tenants bring. */
export interface EgressGuard {
  /** The base URL, normalised, or `base_url_not_allowed` in words its owner understands. Names are judged again when they are dialled. */
  check(baseUrl: string): string
  /** Dials only addresses it has judged: resolving and connecting are one step, so a name cannot change between them. */
  readonly connect: buildConnector.connector
}

export interface GuardPolicy {
  /** Origins (`http://10.1.2.3:8000`) the operator lets tenants use although they are plain, private or on another port. */
  readonly trustedOrigins?: readonly string[]
  /** Milliseconds for one attempt. */
  readonly connectTimeout?: number
  readonly resolve?: Resolve
}

/** All addresses of a name, as `dns.lookup` gives them with `all: true`. */
export type Resolve = (hostname: string, found: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void) => void

const PORTS: ReadonlySet<string> = new Set(['', '8443'])
/** `new URL` forgives tabs, backslashes, missing slashes and other scripts' digits; what two readers may read differently is refused. */
const PLAIN = /^https?:\/\/[!-~]+$/
const AMBIGUOUS = /[\\@?#]/

export function createGuard({ trustedOrigins = [], connectTimeout = 5_000, resolve = everyAddress }: GuardPolicy = {}): EgressGuard {
  const trusted = new Set(trustedOrigins)
  const dial = { allowH2: false, timeout: connectTimeout, ...frugalReads }
  const dialTrusted = buildConnector(dial)
  const dialJudged = buildConnector({ ...dial, lookup: judgedLookup(resolve) })
  return {
    check: (baseUrl) => checked(baseUrl, trusted),
    connect(options, done) {
      if (trusted.has(`${options.protocol}//${options.host}`)) return dialTrusted(options, done)
      // net.connect looks nothing up for a literal, so a literal is judged here.
      const refusal = isIP(options.hostname) === 0 ? undefined : refusalOf(options.hostname, [options.hostname])
      if (refusal !== undefined) return done(refusal, null)
      dialJudged(options, (...answer) => {
        const [error, socket] = answer
        if (error !== null) return done(error, null)
        // The last word is the socket's own: where it is, not where it was meant to go.
        const strayed = refusalOf(options.hostname, [socket.remoteAddress ?? ''])
        if (strayed === undefined) return done(null, socket)
        socket.destroy()
        done(strayed, null)
      })
    },
  }
}

function checked(baseUrl: string, trusted: ReadonlySet<string>): string {
  if (!PLAIN.test(baseUrl) || AMBIGUOUS.test(baseUrl) || !URL.canParse(baseUrl)) {
    throw notAllowed('It must be https://host/path in plain ASCII, with no user, query, fragment, backslash or blank in it.')
  }
  const url = new URL(baseUrl)
  if (trusted.has(url.origin)) return normalised(url)
  if (url.protocol !== 'https:') throw notAllowed('It must use https, unless the operator trusts this very origin.')
  if (!PORTS.has(url.port))
    throw notAllowed(`Port ${url.port} is not open to endpoints; use 443 or 8443, or ask the operator to trust this origin.`)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const literal = isIP(host) !== 0
  if (!literal && (!host.includes('.') || host.endsWith('.')))
    throw notAllowed('Its host must be a full public name, such as api.example.com.')
  const refusal = literal ? refusalOf(host, [host]) : undefined
  if (refusal !== undefined) throw refusal
  return normalised(url)
}

/** Every address must be global: a name with one inner address would reach it sooner or later. */
function judgedLookup(resolve: Resolve): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, (error, addresses) => {
      const refusal =
        error ??
        refusalOf(
          hostname,
          addresses.map(({ address }) => address),
        )
      const [first] = addresses
      if (refusal !== undefined || first === undefined) done(refusal ?? noAddress(hostname), '', 0)
      else if (options.all === true) done(null, addresses)
      else done(null, first.address, first.family)
    })
  }
}

function everyAddress(hostname: string, found: Parameters<Resolve>[1]): void {
  lookup(hostname, { all: true }, found)
}

function refusalOf(host: string, addresses: readonly string[]): GatewayError | undefined {
  const all = addresses.every(isGlobalUnicast)
  return all ? undefined : notAllowed(`${host} leads to an address that is not on the public internet. The operator can trust this origin.`)
}

function noAddress(hostname: string): Error {
  return Object.assign(new Error(`no address for ${hostname}`), { code: 'ENOTFOUND' })
}

function notAllowed(why: string): GatewayError {
  return new GatewayError('base_url_not_allowed', `This endpoint's base URL is not allowed. ${why}`)
}

function normalised(url: URL): string {
  return url.origin + url.pathname.replace(/\/+$/, '')
}
