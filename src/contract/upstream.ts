import type { Readable } from 'node:stream'
import type { GatewayError } from '../errors.ts'
import type { Method } from './passage.ts'
import type { Deadlines, Provider } from './provider.ts'

/** One request to a provider, complete: nothing is added after this but the socket. */
export interface UpstreamRequest {
  readonly provider: Provider
  /** Scheme, host, port and base path. From the registry, the operator or a guarded tenant endpoint: never from a request. */
  readonly baseUrl: string
  /** Below `baseUrl`, starting with `/`. */
  readonly path: string
  readonly method: Method
  /** Lower-case names. Holds the credential. */
  readonly headers: Readonly<Record<string, string>>
  /** Pieces are one body, sent one after the other, their length in the headers. A stream is read once. */
  readonly body: Buffer | readonly Buffer[] | Readable | undefined
  readonly deadlines: Deadlines
  readonly stream: boolean
  /** The answer is passed on as it comes and kept nowhere, so it may be of any length. */
  readonly unbounded?: boolean
  /** A tenant's own endpoint: keeps its sockets to itself and passes the egress guard. Undefined for the registry's and operator's. */
  readonly guardedFor?: string
}

/** The body's bytes; none of a form, which goes by as it comes and is kept nowhere. */
export function bytesOf({ body = NONE }: Pick<UpstreamRequest, 'body'>): Buffer {
  if (Array.isArray(body)) return Buffer.concat(body)
  return Buffer.isBuffer(body) ? body : NONE
}

const NONE = Buffer.alloc(0)

/**
 * Called by the exchange, never before `send` has returned, in this order: headers once, data any number of times, then exactly one of end
 * and fail. What a listener throws ends the exchange as `internal_error`.
 */
export interface UpstreamListener {
  onHeaders(status: number, headers: UpstreamHeaders): void
  onData(chunk: Buffer): void
  onEnd(): void
  /** `sent` tells whether request bytes may have reached the provider. After `cancel()` nothing is called any more. */
  onFail(error: GatewayError, sent: boolean): void
}

/** Lower-case names; a header sent several times is joined with `, ` (as RFC 9110 5.3 has it). */
export type UpstreamHeaders = Readonly<Record<string, string>>

/** The running exchange in the hands of whoever started it. */
export interface Exchange {
  /** Stops reading; a chunk that was already on its way may still come. The progress deadline waits. */
  pause(): void
  resume(): void
  /** Destroys the socket: a cancelled one is never used again. */
  cancel(): void
  /** The answer moved forward (comments do not count): the progress deadline starts again. */
  progressed(): void
}

/** The way out. Real sockets, the built-in provider, a recorder and a player all look like this. */
export interface Upstream {
  send(request: UpstreamRequest, listener: UpstreamListener): Exchange
  close(): Promise<void>
}

export interface WholeAnswer {
  readonly status: number
  readonly headers: UpstreamHeaders
  readonly body: Buffer
}

/** An answer that is read whole, up to this many bytes; the rest of a longer one is not waited for. */
export function wholeAnswer(upstream: Upstream, request: UpstreamRequest, mostBytes = 256 * 1024): Promise<WholeAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let status = 0
    let headers: UpstreamHeaders = {}
    let bytes = 0
    const answered = () => resolve({ status, headers, body: Buffer.concat(chunks) })
    const running = upstream.send(request, {
      onHeaders: (code, told) => {
        status = code
        headers = told
      },
      onData: (chunk) => {
        chunks.push(chunk)
        bytes += chunk.length
        if (bytes <= mostBytes) return
        running.cancel()
        answered()
      },
      onEnd: answered,
      onFail: reject,
    })
  })
}
