import { randomUUID } from 'node:crypto'

/** Ids that sort by time, so that the books' newest rows lie side by side, and that nobody can guess. */
export function newRequestId(): string {
  return `req_${Date.now().toString(36)}${randomUUID().slice(-12)}`
}
