import type { Dispatcher } from 'undici'
import { HOP_HEADER, withHop } from '../contract/hop.ts'
import type { Exchange, Upstream, UpstreamListener, UpstreamRequest } from '../contract/upstream.ts'
import { GatewayError } from '../errors.ts'
import { Watch } from './deadlines.ts'
import { type Limits, SocketExchange } from './exchange.ts'
import type { EgressGuard } from './guard.ts'
import { Pools } from './pools.ts'

export interface UpstreamInput {
  readonly guard: EgressGuard
  readonly limits: Omit<Limits, 'answerBytes'> & Partial<Pick<Limits, 'answerBytes'>>
  /** Milliseconds; only differences count. */
  readonly now: () => number
  /** This gateway's id among gateways, for the loop check; see `contract/hop.ts`. */
  readonly instance: string
}

const ANSWER_BYTES = 64 * 1024 * 1024
/** Base URLs are few (registry, operator) or bounded by what tenants stored; past this many they are parsed again. */
const MAX_ADDRESSES = 4096

/** The way out: real sockets, no redirect followed, every failure with a code and whether the request may have been seen. */
export function createUpstream(input: UpstreamInput): Upstream {
  const limits: Limits = { answerBytes: ANSWER_BYTES, ...input.limits }
  const pools = new Pools({ headerBytes: limits.headerBytes, guarded: input.guard.connect })
  const watch = new Watch(input.now)
  const addresses = new Map<string, Address>()

  const addressOf = (request: UpstreamRequest): Address => {
    const key = request.guardedFor === undefined ? request.baseUrl : `guarded ${request.baseUrl}`
    const known = addresses.get(key)
    if (known !== undefined) return known
    const address = parsed(request.guardedFor === undefined ? request.baseUrl : input.guard.check(request.baseUrl))
    if (addresses.size >= MAX_ADDRESSES) addresses.clear()
    addresses.set(key, address)
    return address
  }

  return {
    send(request: UpstreamRequest, listener: UpstreamListener): Exchange {
      const exchange = new SocketExchange({ request, listener, limits, watch })
      try {
        const { origin, path } = addressOf(request)
        const pool = pools.get(origin, request.guardedFor, request.deadlines.connect)
        const { method } = request
        // Pieces, as any iterable, are among what undici's page on dispatch says it takes, and not among its types.
        const body = request.body as Dispatcher.DispatchOptions['body']
        pool.dispatch({ method, path: path + request.path, headers: headersOf(request, input.instance), body }, exchange)
      } catch (error) {
        queueMicrotask(() => exchange.fail(notAnAddress(error, request)))
      }
      return exchange
    },
    close: () => pools.close(),
  }
}

interface Address {
  readonly origin: string
  /** The base path, without a slash at its end. */
  readonly path: string
}

function parsed(baseUrl: string): Address {
  const url = new URL(baseUrl)
  return { origin: url.origin, path: url.pathname.replace(/\/+$/, '') }
}

/** As undici takes them fastest: names and values in turn. */
function headersOf({ headers }: UpstreamRequest, instance: string): string[] {
  const list = ['accept-encoding', 'identity', HOP_HEADER, withHop(instance, headers[HOP_HEADER])]
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined && name !== 'accept-encoding' && name !== HOP_HEADER) list.push(name, value)
  }
  return list
}

function notAnAddress(error: unknown, { provider }: UpstreamRequest): GatewayError {
  if (error instanceof GatewayError) return error
  const message = `${provider.name} has no usable base URL. Give it one: scheme, host and path, such as https://api.example.com/v1.`
  return new GatewayError('upstream_unreachable', message, { retry: false, cause: error })
}
