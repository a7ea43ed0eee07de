import type { IncomingMessage } from 'node:http'
import { GatewayError } from '../errors.ts'
import { whole } from './form.ts'

/** Milliseconds for the next piece of a body that may take its time as a whole. */
const PATIENCE = 60_000

/** A body's pieces as they come. A client that sends none for too long is let go; one that is not read from meanwhile is not to blame. */
export async function* paced(incoming: IncomingMessage, patience = PATIENCE): AsyncGenerator<Buffer, undefined> {
  let waiting = true
  const late = setTimeout(() => {
    if (waiting) incoming.destroy(tooSlow())
    else late.refresh()
  }, patience)
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
