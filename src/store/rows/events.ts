import type { DeliveryState, EventType, GatewayEvent } from '../../contract/event.ts'

export const KEPT_EVENTS = 10_000

export type EventRow = [seq: number, id: string, type: EventType, subject: string, at: string, data: string]
export type DeliveryRow = [url: string, attempts: number, deliveredAt: string | null, nextAt: number | null, error: string | null]

export function decodeEvent([, id, type, subject, at, data]: EventRow): GatewayEvent {
  return { id, type, subject, at, data: JSON.parse(data) }
}

export function decodeState([url, attempts, deliveredAt, nextAt, error]: DeliveryRow): DeliveryState {
  return {
    ...{ url, attempts, deliveredAt: deliveredAt ?? undefined, error: error ?? undefined },
    nextAt: nextAt === null ? undefined : new Date(nextAt).toISOString(),
  }
}
