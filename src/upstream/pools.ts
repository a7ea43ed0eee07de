import { type buildConnector, Pool } from 'undici'
import { frugalReads } from './reads.ts'

/** Tenants may bring endpoints without end; sockets and memory for them may not. */
const MAX_POOLS = 512
/** Room for some thousand open streams to one vendor; a tenant's own endpoint gets what one tenant needs. */
const CONNECTIONS = { shared: 4096, guarded: 256 }

export interface PoolOptions {
  /** Bytes of a response's header block. */
  readonly headerBytes: number
  /** The egress guard's dialler, for tenants' own endpoints. */
  readonly guarded: buildConnector.connector
}

/** Sockets kept by origin; a tenant's own endpoint shares its sockets with nobody. The pool unused for longest goes first. */
export class Pools {
  readonly #pools = new Map<string, Pool>()
  readonly #options: PoolOptions

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** `connectTimeout` in milliseconds counts where the pool is new: it frees a dead attempt's place, the request has a deadline of its own. */
  get(origin: string, guardedFor: string | undefined, connectTimeout: number): Pool {
    const key = guardedFor === undefined ? origin : `${guardedFor} ${origin}`
    const pool = this.#pools.get(key) ?? this.#open(origin, guardedFor !== undefined, connectTimeout)
    this.#pools.delete(key)
    this.#pools.set(key, pool)
    if (this.#pools.size > MAX_POOLS) this.#dropOldest()
    return pool
  }

  get size(): number {
    return this.#pools.size
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()))
  }

  #open(origin: string, guarded: boolean, connectTimeout: number): Pool {
    return new Pool(origin, {
      connections: guarded ? CONNECTIONS.guarded : CONNECTIONS.shared,
      connectTimeout,
      connect: guarded ? this.#options.guarded : frugalReads,
      allowH2: false,
      maxHeaderSize: this.#options.headerBytes,
      // Node and uvicorn close an idle socket after 5 s, so without a hint of the provider's we let go before they do.
      keepAliveTimeout: 4_000,
      keepAliveMaxTimeout: 25_000,
      keepAliveTimeoutThreshold: 2_000,
      // Deadlines are ours: undici's count bytes, and comments are bytes.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  }

  #dropOldest(): void {
    const [oldest] = this.#pools
    if (oldest === undefined) return
    this.#pools.delete(oldest[0])
    // Requests still on it finish; the promise only tells when.
    oldest[1].close().catch(() => undefined)
  }
}
