import type { IncomingMessage, ServerResponse } from 'node:http'
import { type AppParts, BASES } from './app.ts'
import type { Route } from './arrived.ts'
import { familyPosts } from './family-posts.ts'
import { posts } from './posts.ts'

/** Takes a request on, or leaves it to the router: false. */
export type Direct = (incoming: IncomingMessage, response: ServerResponse) => boolean

/**
 * What apps post, by its whole address: nearly every request is one of these, and the router's own request, context and response would
 * tell it nothing. The router has the same routes, for whatever else an address or a method may be, and it alone knows of pages' origins.
 */
export function directPosts({ relay, ingress, families, corsOrigins }: AppParts): Direct {
  const routes = new Map<string, Route>()
  for (const base of BASES) {
    for (const { path, endpoint, ingress: dialect } of [...posts(ingress), ...familyPosts(families)]) {
      routes.set(base + path, { ingress: dialect, endpoint, pathTag: undefined, asked: {} })
    }
  }
  return (incoming, response) => {
    const route = incoming.method === 'POST' && incoming.url !== undefined ? routes.get(incoming.url) : undefined
    if (!route || (corsOrigins.length > 0 && incoming.headers.origin !== undefined)) return false
    // Not awaited: the relay writes the response itself and never rejects.
    void relay.handle(incoming, response, route)
    return true
  }
}
