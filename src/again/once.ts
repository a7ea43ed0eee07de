// A request that comes with an idempotency key is made once, however often it is sent: whoever sends it again is told what it was answered.

import type { Copy } from '../contract/copy.ts'
import { asGatewayError, failureBody, failureHeaders } from '../error-view.ts'
import { GatewayError } from '../errors.ts'
import type { Asking } from '../turn.ts'
import { Copying } from './copying.ts'
import { digestOf } from './digest.ts'
import { retell } from './retell.ts'

type Answering = (asking: Asking) => Promise<void>

/** Rejects with what `answering` rejects with, and with what the key's claim refuses. */
export function once(asking: Asking, answering: Answering): Promise<void> {
  const key = asking.inbound.header('idempotency-key')
  return key === undefined || !isMade(asking) ? answering(asking) : onceUnder(key, asking, answering)
}

/** Only what makes something is made once: reading, or asking why, does no harm twice. */
function isMade({ inbound }: Asking): boolean {
  return ((inbound.passage ?? inbound.kept)?.method ?? 'POST') === 'POST' && inbound.header('x-tollgate-explain') !== 'true'
}

async function onceUnder(key: string, asking: Asking, answering: Answering): Promise<void> {
  const { gateway, inbound, client, caller } = asking
  const { requestId } = inbound
  const found = await gateway.claims.take({ tenant: caller.tenant.id, key: plain(key), asked: askedOf(asking), requestId })
  if (!('answered' in found)) return tellAgain(asking, found)
  // Who sends a key may lose the connection and still get the answer. What is too large to be told again is made for nobody else.
  client.stay(true)
  const copying = new Copying(client, gateway.sizes.keptAnswer, () => client.stay(false))
  try {
    await answering({ ...asking, client: copying })
  } catch (error) {
    await found.failed(failureCopy(asking, error)).catch(leaveToTheBooks)
    throw error
  }
  const kept = copying.ended ? found.answered(copying.copy(requestId)) : found.failed(failureCopy(asking, brokenOff(requestId)))
  await kept.catch(leaveToTheBooks)
  copying.finish()
}

function tellAgain({ client }: Asking, copy: Copy): Promise<void> {
  return retell(client, copy, {
    'idempotent-replayed': 'true',
    'x-tollgate-original-request-id': copy.requestId,
    ...(copy.status >= 400 && { 'x-should-retry': 'false' }),
  })
}

/** A claim that says nothing more is judged by the books when its key comes again. */
function leaveToTheBooks(): void {}

/** As the relay tells it. */
function failureCopy({ inbound }: Asking, thrown: unknown): Copy {
  const { requestId, ingress } = inbound
  const error = asGatewayError(thrown)
  const { 'x-request-id': _id, ...headers } = failureHeaders(error, requestId)
  const body = failureBody(error, (view) => ingress.encodeError(view), requestId)
  return { requestId, status: error.status, headers, pieces: [Buffer.from(body)] }
}

const brokenOff = (requestId: string): GatewayError =>
  new GatewayError(
    'answer_not_kept',
    `The answer to request ${requestId} was ended before it was whole, and may have been charged. It is not done again: to have it done again, send another key.`,
  )

/** All that is asked; of a body that is sent on while it is read, what is known before. */
function askedOf({ inbound, peeked }: Asking): string {
  const { ingress, endpoint, asked, passage, kept } = inbound
  const place = passage ? [passage.provider, passage.path] : kept ? [kept.id, kept.rest] : [asked.model, asked.stream]
  const length = isReadLater(peeked) ? inbound.header('content-length') : undefined
  return digestOf([ingress.id, endpoint, ...place, peeked.written, length], peeked.scan.body)
}

const isReadLater = ({ form, carried }: Asking['peeked']): boolean =>
  form !== undefined || (carried?.load !== undefined && !Buffer.isBuffer(carried.load.body))

function plain(key: string): string {
  if (/^[\x20-\x7e]{1,255}$/.test(key)) return key
  throw new GatewayError('invalid_header', 'An idempotency-key has 1 to 255 plain characters: a random UUID is a good one.')
}
