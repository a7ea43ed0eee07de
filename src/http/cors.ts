import type { Hono } from 'hono'
import { type Env, nodeOf } from './node.ts'

/** Lets pages of the listed origins call the data paths. Off where none is listed: a key in a page is a key in everybody's hands. */
export function allowOrigins(app: Hono<Env>, origins: readonly string[]): void {
  if (origins.length === 0) return
  app.use('*', async (c, next) => {
    const origin = c.req.header('origin')
    if (origin === undefined || !origins.includes(origin)) return next()
    // Set on Node's response, because a relayed answer never passes through Hono's.
    const { response } = nodeOf(c)
    response.setHeader('access-control-allow-origin', origin)
    response.setHeader('access-control-expose-headers', '*')
    response.setHeader('vary', 'origin')
    if (c.req.method !== 'OPTIONS') return next()
    response.setHeader('access-control-allow-methods', 'GET, HEAD, POST, PUT, PATCH, DELETE')
    response.setHeader('access-control-allow-headers', c.req.header('access-control-request-headers') ?? '*')
    response.setHeader('access-control-max-age', '600')
    return c.body(null, 204)
  })
}
