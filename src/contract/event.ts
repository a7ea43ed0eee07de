/** What happens to a gateway that somebody should hear of without looking. */
export const EVENT_TYPES = [
  'provider.down',
  'provider.auth_incident',
  'model.gone',
  'price.refused',
  'plan.unknown',
  'budget.threshold',
  'export.parked',
] as const

export type EventType = (typeof EVENT_TYPES)[number]

export interface GatewayEvent {
  /** The same for the same happening, whichever replica tells of it and however often it is delivered. */
  readonly id: string
  readonly type: EventType
  /** What it is about: a provider, a model, a plan, a tenant, the source of a list. */
  readonly subject: string
  /** ISO 8601, UTC. */
  readonly at: string
  /** Never a secret, never content. */
  readonly data: Readonly<Record<string, unknown>>
}

/** Something happened; more of the same is the same event for as long as `within` (milliseconds), or wherever `once` is the same. */
export type Happening = Pick<GatewayEvent, 'type' | 'subject' | 'data'> & ({ readonly within: number } | { readonly once: string })

export type Announce = (happening: Happening) => void

/** One event on its way to one address. */
export interface Delivery {
  readonly event: GatewayEvent
  readonly url: string
  /** Tries before this one. */
  readonly attempts: number
}

export interface DeliveryState {
  readonly url: string
  readonly attempts: number
  /** ISO 8601; undefined while it is not delivered. */
  readonly deliveredAt: string | undefined
  /** ISO 8601; undefined once it is delivered or given up. */
  readonly nextAt: string | undefined
  readonly error: string | undefined
}
