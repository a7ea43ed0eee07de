import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'

export type Env = { Bindings: HttpBindings }
export type Http = Context<Env>

/** Node's own pair: the listener is HTTP/1.1 only, which Hono's types cannot know. */
export function nodeOf(c: Http): { incoming: IncomingMessage; response: ServerResponse } {
  return { incoming: c.env.incoming as IncomingMessage, response: c.env.outgoing as ServerResponse }
}

/** Ends the connection once the answer is out: nobody reads what the client still sends, so no request after this one would be seen. */
export function closeUnread(c: Http): void {
  // A call within the process has no connection.
  if (!c.env) return
  const { incoming, response } = nodeOf(c)
  if (!incoming.complete) response.once('finish', () => incoming.destroy())
}

/** Sockets whose request is being sent on while it comes, so that its end may take longer than Node waits for one. */
const unhurried = new WeakSet<Duplex>()

/** From here on somebody else sees to it that this request comes forward. */
export function takesItsTime(incoming: IncomingMessage): void {
  // One that is whole closes no more.
  if (incoming.complete) return
  const { socket } = incoming
  unhurried.add(socket)
  incoming.once('close', () => unhurried.delete(socket))
}

export const mayTakeItsTime = (socket: Duplex): boolean => unhurried.has(socket)
