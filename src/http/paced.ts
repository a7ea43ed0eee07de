import type { IncomingMessage } from 'node:http'
import { GatewayError } from '../errors.ts'

/** Milliseconds for the next piece of a body that may take its time as a whole. */
const PATIENCE = 60_000

/** A body's pieces as they come. A client that sends none for too long is let go; one that is not read from meanwhile is not to blame. */
export async function* paced(incoming: IncomingMessage, patience = PATIENCE): AsyncGenerator<Buffer, undefined> {
  let waiting = true
  const late = setTimeout(() => {
    if (waiting) incoming.destroy(tooSlow())
    else if (!incoming.destroyed) late.refresh()
  }, patience).unref()
  try {
    for await (const piece of whole(incoming)) {
      waiting = false
      yield piece
      waiting = true
      late.refresh()
    }
  } finally {
    clearTimeout(late)
  }
}

const tooSlow = (): GatewayError =>
  new GatewayError('request_timeout', 'The request did not arrive whole in time: send it faster, or in smaller parts.')

/** A body's pieces as they come; whoever stops reading leaves the connection open. */
async function* whole(incoming: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    // The connection is still needed, to tell a client why its form was not taken.
    yield* incoming.iterator({ destroyOnReturn: false })
  } catch (cause) {
    if (incoming.complete || cause instanceof GatewayError) throw cause
    throw new GatewayError('client_closed_request', 'The client left before its request was whole.', { cause })
  }
}
