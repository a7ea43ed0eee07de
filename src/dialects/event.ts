import type { SseEvent } from '../contract/dialect.ts'
import { parseExact } from '../wire/exact-json.ts'
import { unreadable } from './failure.ts'

/** The JSON of one stream event; long numbers keep their digits. */
export function parseEvent({ data }: SseEvent): unknown {
  try {
    return parseExact(data)
  } catch (cause) {
    throw unreadable(cause)
  }
}
