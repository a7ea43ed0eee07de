import pg from 'pg'
import { type Access, prepare, quoted, sessionOf } from './database.ts'
import { ConnectionLost } from './failures.ts'

/** Milliseconds. */
const FIRST_WAIT = 100
const LONGEST_WAIT = 5_000

interface Input {
  readonly access: Access
  /** Something may have changed: a notice came, or notices may have been missed. */
  readonly heard: () => void
  readonly trouble: (error: unknown) => void
}

/** Listens on a connection of its own, made again for as long as it takes. Returns how to stop. */
export function listen({ access, heard, trouble }: Input): () => Promise<void> {
  let client: pg.Client | undefined
  let stopped = false
  let retry: NodeJS.Timeout | undefined
  let wait = FIRST_WAIT

  async function begin(): Promise<void> {
    const mine = new pg.Client(sessionOf(access))
    client = mine
    mine.on('notification', heard)
    mine.once('end', () => again(new Error('the connection that listens for changes ended')))
    mine.on('error', () => {}) // `end` follows.
    try {
      await mine.connect()
      await prepare(mine, access)
      await mine.query(`LISTEN ${quoted(access.schema)}`)
      wait = FIRST_WAIT
      heard()
    } catch (error) {
      again(error)
      await mine.end().catch(() => {})
    }
  }

  function again(error: unknown): void {
    if (stopped || retry) return
    trouble(new ConnectionLost(error))
    retry = setTimeout(() => {
      retry = undefined
      void begin()
    }, wait).unref()
    wait = Math.min(LONGEST_WAIT, wait * 2)
  }

  void begin()
  return async () => {
    stopped = true
    clearTimeout(retry)
    await client?.end().catch(() => {})
  }
}
