import type { Settings } from '../config/settings.ts'
import type { SharedRates } from '../contract/shared-rates.ts'
import type { Redis } from '../redis/redis.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'

// What replicas share in memory. Nothing depends on it, so it is opened whether it answers or not.

type Where = Pick<Settings, 'redisUrl' | 'redis'>

/** A server of the operator's, as it was found. */
export interface SharedStatus {
  /** `redis.internal:6379`. */
  readonly at: string
  readonly usable: boolean
  /** E.g. `Valkey 8.1.4`; undefined: it was never heard of. */
  readonly name: string | undefined
  readonly cluster: boolean
  /** What it drops when its memory is full; undefined: nothing. */
  readonly evicts: string | undefined
  readonly replicas: number
  /** Why it does not answer. */
  readonly trouble: string
}

export interface Shared {
  readonly redis: Redis
  /** The limits that all replicas keep together. */
  readonly rates: SharedRates
  close(): Promise<void>
}

/** Undefined where the operator named none. */
export async function openShared(where: Where, { instance, log, metrics }: SharedInput): Promise<Shared | undefined> {
  const redis = await opened(where, instance, (usable, why) =>
    usable
      ? log.info('Redis answers: limits are shared by all replicas.')
      : log.warn('Redis does not answer: each replica keeps to its share of the limits until it does.', { why }),
  )
  if (!redis) return undefined
  measure(redis, metrics)
  const { createSharedRates } = await import('../redis/rates.ts')
  const rates = createSharedRates({ redis, instance })
  return {
    redis,
    rates,
    close() {
      rates.close()
      return redis.close()
    },
  }
}

interface SharedInput {
  /** This replica. */
  readonly instance: string
  readonly log: Log
  readonly metrics: Metrics
}

/** Looks, and takes no part. */
export async function lookAtShared(where: Where): Promise<SharedStatus | undefined> {
  const redis = await opened(where, undefined, () => {})
  const status = sharedStatus(where, redis)
  await redis?.close()
  return status
}

export function sharedStatus({ redisUrl }: Where, redis: Redis | undefined): SharedStatus | undefined {
  if (!redisUrl || !redis) return undefined
  const { usable, server, replicas, trouble } = redis
  const { name, cluster = false, evicts } = server ?? {}
  return { at: new URL(redisUrl.reveal()).host, usable, name, cluster, evicts, replicas, trouble }
}

/** For the banner and the command line. */
export function tellShared({ at, usable, name, cluster, replicas, trouble }: SharedStatus): string {
  if (!usable) return `Redis at ${at} does not answer (${trouble}); each replica keeps to its share of the limits until it does`
  return `${name}${cluster ? ' (cluster)' : ''} at ${at}; ${replicas === 1 ? '1 replica' : `${replicas} replicas`}`
}

function measure(redis: Redis, metrics: Metrics): void {
  metrics.gauge({
    name: 'tollgate_redis',
    help: 'Whether Redis answers (usable), how many replicas it has seen (replicas), and what was asked of it since the start, by outcome.',
    label: 'figure',
    read: () => Object.entries({ usable: Number(redis.usable), replicas: redis.replicas, ...redis.figures }),
  })
}

async function opened({ redisUrl, redis }: Where, instance: string | undefined, changed: (usable: boolean, why?: string) => void) {
  if (!redisUrl) return undefined
  // Loaded only here: whoever has no such server need not wait for its client.
  const { openRedis } = await import('../redis/link.ts')
  return openRedis({ url: redisUrl.reveal(), ...redis, instance, changed })
}
