import { randomFillSync } from 'node:crypto'

/** Ids that sort by time, so that the books' newest rows lie side by side, and that nobody can guess. */
export function newRequestId(): string {
  if (used === POOL.length) {
    randomFillSync(POOL)
    used = 0
  }
  return `req_${Date.now().toString(36)}${POOL.toString('hex', used, (used += BYTES))}`
}

const BYTES = 6
/** Randomness is asked for seldom and in plenty: each asking costs more than an id. */
const POOL = Buffer.alloc(512 * BYTES)
let used = POOL.length
