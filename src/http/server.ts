import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Hono } from 'hono'
import type { Direct } from './direct.ts'
import type { FailureDesk } from './failures.ts'
import { refuseMalformed } from './malformed.ts'
import type { Env } from './node.ts'

/** Milliseconds. Longer than common load balancers keep an idle connection, so that they close first and never write into a closing one. */
const KEEP_ALIVE = 75_000
const HEADERS = 10_000
/** To the end of the request's body. */
const REQUEST = 60_000
/** Bytes that may wait for a slow client before its provider is paused. */
const WAITING = 4 * 1024

export interface Serving extends FailureDesk {
  /** Bytes of a request's header block. */
  readonly headerBlock: number
  /** Asked before the router is. */
  readonly direct?: Direct
}

export function serverOf(app: Hono<Env>, options: Serving): Server {
  const server = createServer({
    maxHeaderSize: options.headerBlock,
    keepAliveTimeout: KEEP_ALIVE,
    headersTimeout: HEADERS,
    requestTimeout: REQUEST,
    noDelay: true,
    highWaterMark: WAITING,
  })
  const fetch = (request: Request, env: unknown) => app.fetch(request, env as Env['Bindings'])
  const listener = getRequestListener((request, env) => (request.method === 'HEAD' ? headed(fetch(request, env)) : fetch(request, env)), {
    autoCleanupIncoming: false,
  })
  const { direct = () => false } = options
  server.on('request', (incoming, outgoing) => void (direct(incoming, outgoing) || listener(incoming, outgoing)))
  server.on('clientError', (error, socket) => refuseMalformed(error, socket, options))
  return server
}

export function listen(server: Server, at: { host: string; port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(at.port, at.host, () => {
      server.off('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : at.port)
    })
  })
}

/** Hono makes a new response for HEAD, by which an answer that was written to the socket already is not known as such any more. */
async function headed(answer: Response | Promise<Response>): Promise<Response> {
  const response = await answer
  const [[sent] = ['']] = RESPONSE_ALREADY_SENT.headers
  return response.headers.has(sent) ? RESPONSE_ALREADY_SENT : response
}
