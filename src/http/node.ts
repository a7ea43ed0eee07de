import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'

/** Node's own pair: the listener is HTTP/1.1 only, which Hono's types cannot know. */
export function nodeOf(c: Context<{ Bindings: HttpBindings }>): { incoming: IncomingMessage; response: ServerResponse } {
  return { incoming: c.env.incoming as IncomingMessage, response: c.env.outgoing as ServerResponse }
}
