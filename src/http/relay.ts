import type { IncomingMessage, ServerResponse } from 'node:http'
import { answer } from '../answer.ts'
import type { IngressDialect } from '../contract/dialect.ts'
import type { Hub } from '../contract/family.ts'
import type { Gateway, Inbound } from '../contract/gateway.ts'
import { HOP_HEADER, hasPassed } from '../contract/hop.ts'
import { Roster, type Seated } from '../contract/roster.ts'
import { viewOf } from '../error-view.ts'
import { GatewayError } from '../errors.ts'
import { encodeSse } from '../wire/sse.ts'
import { Arrived, type Route } from './arrived.ts'
import { ResponseClient } from './client.ts'
import { sendFailure } from './failures.ts'
import { discard, refuseAmbiguous, refuseOtherMedia } from './inbound.ts'

export interface RelayOptions {
  readonly gateway: Gateway
  readonly newRequestId: () => string
  readonly bodyLimit: number
  readonly trustedProxies: readonly string[]
  /** Milliseconds of silence before a stream is pinged. */
  readonly pingAfter: number
  readonly onFailure: (error: GatewayError, requestId: string) => void
}

/** A request that is not answered, or not in the books yet. */
interface Open extends Seated {
  readonly client: ResponseClient
  readonly requestId: string
  readonly ingress: IngressDialect<Hub>
}

/** Between Node's own request and response and the page, with nothing in the middle. */
export class Relay {
  readonly #options: RelayOptions
  readonly #open = new Roster<Open>()
  #draining = false
  #emptied = (): void => {}
  /** Looks after open requests twice a second: silence, and keys that were revoked meanwhile. */
  readonly #lookout: NodeJS.Timeout

  constructor(options: RelayOptions) {
    this.#options = options
    this.#lookout = setInterval(() => this.#look(), Math.min(500, Math.max(50, options.pingAfter / 15))).unref()
  }

  /** Never rejects. Resolves when the answer was handed over and is in the books. */
  async handle(incoming: IncomingMessage, response: ServerResponse, route: Route): Promise<void> {
    const requestId = this.#options.newRequestId()
    const client = new ResponseClient(response, requestId)
    const open: Open = { client, requestId, ingress: route.ingress, seat: -1 }
    this.#open.add(open)
    try {
      await answer(this.#options.gateway, this.#receive(incoming, requestId, route), client)
    } catch (thrown) {
      const error = sendFailure(response, thrown, { encode: (view) => route.ingress.encodeError(view), requestId })
      this.#options.onFailure(error, requestId)
    }
    if (!incoming.complete) discard(incoming)
    this.#open.delete(open)
    if (this.#open.size === 0) this.#emptied()
  }

  /** Requests that are under way now, by how they are answered. */
  underWay(): readonly (readonly [kind: string, requests: number])[] {
    let streamed = 0
    for (const { client } of this.#open) if (client.streams) streamed++
    return [
      ['streamed', streamed],
      ['whole', this.#open.size - streamed],
    ]
  }

  /** From now on new requests on open connections are sent elsewhere. */
  drain(): void {
    this.#draining = true
  }

  /** The drain's time is over: what still streams is told so and ended. */
  cut(): void {
    const error = new GatewayError('draining', 'The gateway is shutting down before this answer was complete: send the request again.')
    for (const open of this.#open) cut(open, error)
  }

  /** Resolves when every request is in the books: a socket is closed sooner than whoever answers on it has heard of it. */
  async close(): Promise<void> {
    clearInterval(this.#lookout)
    if (this.#open.size > 0) await new Promise<void>((resolve) => (this.#emptied = resolve))
  }

  #receive(incoming: IncomingMessage, requestId: string, route: Route): Inbound {
    const { gateway, trustedProxies, bodyLimit } = this.#options
    if (this.#draining)
      throw new GatewayError('draining', 'The gateway is shutting down: send the request again, to another one.', {
        headers: { connection: 'close' },
      })
    refuseAmbiguous(incoming)
    const passage = route.passage?.(incoming, bodyLimit)
    const kept = route.kept?.(incoming)
    if (!passage && !kept) refuseOtherMedia(incoming, route.ingress.form)
    if (hasPassed(gateway.instance, incoming.headers[HOP_HEADER]?.toString())) {
      throw new GatewayError(
        'loop_detected',
        'This request came back to the gateway that sent it: a base URL points at the gateway itself.',
      )
    }
    return new Arrived(incoming, { requestId, route, passage, kept, at: gateway.now(), bodyLimit, trustedProxies })
  }

  #look(): void {
    const { gateway, pingAfter } = this.#options
    for (const open of this.#open) {
      const { client } = open
      if (client.bound && gateway.lapsed(client.bound)) cut(open, revoked())
      else if (client.streams) client.pingAfter(pingAfter)
    }
  }
}

function cut({ client, ingress, requestId }: Open, error: GatewayError): void {
  client.cut(encodeSse(ingress.encodeStreamError(viewOf(error, requestId))))
}

const revoked = () => new GatewayError('invalid_api_key', 'The key of this request was revoked or has expired: use another one.')
