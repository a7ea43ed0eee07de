import type { IncomingMessage, ServerResponse } from 'node:http'
import { answer } from '../answer.ts'
import type { IngressDialect } from '../contract/dialect.ts'
import type { Gateway, Inbound } from '../contract/gateway.ts'
import { HOP_HEADER, hasPassed } from '../contract/hop.ts'
import type { Endpoint } from '../contract/provider.ts'
import { GatewayError } from '../errors.ts'
import { ResponseClient } from './client.ts'
import { sendFailure } from './failures.ts'
import { bodyOf, presentedBy, refuseAmbiguous, refuseOtherMedia } from './inbound.ts'

export interface RelayOptions {
  readonly gateway: Gateway
  readonly newRequestId: () => string
  readonly bodyLimit: number
  readonly trustedProxies: readonly string[]
  /** Milliseconds of silence before a stream is pinged. */
  readonly pingAfter: number
  readonly onFailure: (error: GatewayError, requestId: string) => void
}

export interface Route {
  readonly ingress: IngressDialect
  readonly endpoint: Endpoint
  readonly pathTag: string | undefined
}

/** Between Node's own request and response and the page, with nothing in the middle. */
export class Relay {
  readonly #options: RelayOptions
  readonly #streams = new Set<ResponseClient>()
  readonly #pinger: NodeJS.Timeout

  constructor(options: RelayOptions) {
    this.#options = options
    this.#pinger = setInterval(() => this.#ping(), Math.max(50, options.pingAfter / 15)).unref()
  }

  /** Requests being answered. */
  get open(): number {
    return this.#streams.size
  }

  async handle(incoming: IncomingMessage, response: ServerResponse, route: Route): Promise<void> {
    const requestId = this.#options.newRequestId()
    const client = new ResponseClient(response, { 'x-request-id': requestId })
    this.#streams.add(client)
    response.once('close', () => this.#streams.delete(client))
    try {
      await answer(this.#options.gateway, await this.#receive(incoming, { ...route, requestId }), client)
    } catch (thrown) {
      const error = sendFailure(response, thrown, { encode: (view) => route.ingress.encodeError(view), requestId })
      if (!incoming.complete) response.once('finish', () => incoming.destroy())
      this.#options.onFailure(error, requestId)
    }
  }

  close(): void {
    clearInterval(this.#pinger)
  }

  async #receive(incoming: IncomingMessage, route: Route & { requestId: string }): Promise<Inbound> {
    const { gateway, trustedProxies, bodyLimit } = this.#options
    refuseAmbiguous(incoming)
    refuseOtherMedia(incoming)
    if (hasPassed(gateway.instance, incoming.headers[HOP_HEADER]?.toString())) {
      throw new GatewayError(
        'loop_detected',
        'This request came back to the gateway that sent it: a base URL points at the gateway itself.',
      )
    }
    const presented = presentedBy(incoming, route.pathTag, trustedProxies)
    const body = await bodyOf(incoming, bodyLimit)
    return Object.assign(presented, {
      requestId: route.requestId,
      ingress: route.ingress,
      endpoint: route.endpoint,
      body,
      at: gateway.now(),
    })
  }

  #ping(): void {
    for (const client of this.#streams) if (client.streams) client.pingAfter(this.#options.pingAfter)
  }
}
