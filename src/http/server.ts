import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import type { FailureDesk } from './failures.ts'
import { refuseMalformed } from './malformed.ts'
import type { Env } from './node.ts'

/** Milliseconds. Longer than common load balancers keep an idle connection, so that they close first and never write into a closing one. */
const KEEP_ALIVE = 75_000
const HEADERS = 10_000
/** To the end of the request's body. */
const REQUEST = 60_000
/** Bytes that may wait for a slow client before its provider is paused. */
const WAITING = 8 * 1024

export function serverOf(app: Hono<Env>, options: FailureDesk & { headerBlock: number }): Server {
  const server = createServer({
    maxHeaderSize: options.headerBlock,
    keepAliveTimeout: KEEP_ALIVE,
    headersTimeout: HEADERS,
    requestTimeout: REQUEST,
    noDelay: true,
    highWaterMark: WAITING,
  })
  const listener = getRequestListener((request, env) => app.fetch(request, env as Env['Bindings']), { autoCleanupIncoming: false })
  server.on('request', (incoming, outgoing) => void listener(incoming, outgoing))
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
