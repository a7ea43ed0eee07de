import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'

export type Env = { Bindings: HttpBindings }
export type Http = Context<Env>

/** Node's own pair: the listener is HTTP/1.1 only, which Hono's types cannot know. */
export function nodeOf(c: Http): { incoming: IncomingMessage; response: ServerResponse } {
  return { incoming: c.env.incoming as IncomingMessage, response: c.env.outgoing as ServerResponse }
}
