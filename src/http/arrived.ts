import type { IncomingMessage } from 'node:http'
import type { IngressDialect } from '../contract/dialect.ts'
import type { Hub } from '../contract/family.ts'
import type { Inbound, KeptAsked } from '../contract/gateway.ts'
import type { Passage } from '../contract/passage.ts'
import type { Endpoint } from '../contract/provider.ts'
import { boundaryOf } from '../wire/multipart.ts'
import { formOf } from './form.ts'
import { bodyOf, Presenting } from './inbound.ts'

/** What path an app called, and what it asks for. */
export interface Route {
  readonly ingress: IngressDialect<Hub>
  readonly endpoint: Endpoint
  readonly pathTag: string | undefined
  readonly asked: Inbound['asked']
  /** Where a provider's own API is asked: what of it. */
  readonly passage?: (incoming: IncomingMessage, most: number) => Passage
  /** Where something is asked of a kept answer: what of which. */
  readonly kept?: (incoming: IncomingMessage) => KeptAsked
}

export interface Arrival {
  readonly requestId: string
  readonly route: Route
  readonly passage: Passage | undefined
  readonly kept: KeptAsked | undefined
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Bytes. */
  readonly bodyLimit: number
  readonly trustedProxies: readonly string[]
}

/** A request as it arrived, nothing of its body read. */
export class Arrived extends Presenting implements Inbound {
  readonly requestId: string
  readonly ingress: Inbound['ingress']
  readonly endpoint: Inbound['endpoint']
  readonly asked: Inbound['asked']
  readonly form: Inbound['form']
  readonly passage: Passage | undefined
  readonly kept: KeptAsked | undefined
  readonly at: number
  readonly #bodyLimit: number

  constructor(incoming: IncomingMessage, { requestId, route, passage, kept, at, bodyLimit, trustedProxies }: Arrival) {
    super(incoming, route.pathTag, trustedProxies)
    this.requestId = requestId
    this.ingress = route.ingress
    this.endpoint = route.endpoint
    this.asked = route.asked
    const boundary = route.ingress.form && boundaryOf(incoming.headers['content-type'] ?? '')
    this.form = boundary === undefined ? undefined : () => formOf({ incoming, boundary, most: bodyLimit })
    this.passage = passage
    this.kept = kept
    this.at = at
    this.#bodyLimit = bodyLimit
  }

  body(): Promise<Buffer> {
    return bodyOf(this.incoming, this.#bodyLimit)
  }
}
