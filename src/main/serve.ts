import { setFlagsFromString } from 'node:v8'
import type { Environment } from '../config/env.ts'
import type { LoadedConfig } from '../config/load.ts'
import type { StoreSetup } from '../contract/store.ts'
import { createLog, type Log } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { banner } from './banner.ts'
import { deskOf } from './desk.ts'
import { openEngine } from './engine.ts'
import { firstRun, keepAdminKey } from './first-run.ts'
import { followConfig } from './follow-config.ts'
import { followPrices } from './follow-prices.ts'
import { openFront } from './front.ts'
import { sharedStatus } from './shared.ts'
import { openWorld } from './world.ts'

export interface ServeInput {
  readonly config: LoadedConfig
  readonly env: Environment
  /** Milliseconds since the process began, for the figure in the banner. */
  readonly uptime: () => number
  readonly record?: string | undefined
  readonly replay?: string | undefined
  readonly print: (text: string) => void
  /** Somebody looks at what is printed. */
  readonly terminal: boolean
  /** Standard error where not given. */
  readonly log?: Log
  /** Milliseconds of silence before a stream is pinged. */
  readonly pingAfter?: number | undefined
}

/** The running gateway, in the hands of whoever started it. */
export interface Running {
  readonly url: string
  /** The same, unless ADMIN_ADDR gives the admin API a listener of its own. */
  readonly adminUrl: string
  /** Stops as on SIGTERM: takes requests for the drain's delay, ends streams, flushes the books. */
  stop(): Promise<void>
}

/** How the database was found, where an operator should hear of it. */
function setupNotes({ rowSecurity }: StoreSetup): string[] {
  return rowSecurity === false
    ? ['row-level security does not bind the user of DATABASE_URL, and it may make no role: see docs/postgresql.md']
    : []
}

/**
 * What V8 does beside the loop, in threads. A gateway is one process a core: there the threads only take the loop's place, and the young
 * garbage of a request is swept by the loop alone for a tenth less, that of a request of a megabyte for half.
 */
const ALONE = ['parallel-scavenge', 'concurrent-marking', 'concurrent-sweeping', 'concurrent-array-buffer-sweeping']

/** Bytes. What is cut from a slab of Node's keeps all of it, and a request is held as long as its stream: 64 KiB would be too many. */
const SLAB = 8 * 1024

const NO_ADMIN_KEY = 'there is no admin key: nothing is kept where one could be told, so give it in TOLLGATE_ADMIN_KEY'

export async function serve(input: ServeInput): Promise<Running> {
  Buffer.poolSize = SLAB
  for (const what of ALONE) setFlagsFromString(`--no-${what}`)
  const { log = createLog() } = input
  const metrics = createMetrics()
  const world = await openWorld({
    config: input.config,
    env: input.env,
    onIncident: (incident) => log.warn('Many keys of one provider are refused at once; none is marked invalid.', { ...incident }),
    onTrouble: (error) => log.error('The store could not be read; trying again.', { error: String(error) }),
  })
  const engine = await openEngine({ world, log, metrics, record: input.record, replay: input.replay })
  const { adminKey, dataFolder } = input.config.settings
  const canTell = input.terminal || dataFolder !== undefined
  const first = await firstRun(world, canTell)
  const front = await openFront({ world, engine, log, metrics, pingAfter: input.pingAfter })
  const keyFile = first.adminKey && !input.terminal && dataFolder !== undefined ? keepAdminKey(first.adminKey, dataFolder) : undefined
  const shared = sharedStatus(input.config.settings, engine.shared?.redis)
  const notes = [...setupNotes(world.store.setup), ...(canTell || adminKey ? [] : [NO_ADMIN_KEY])]
  input.print(banner(world, { url: front.url, readyMs: Math.round(input.uptime()), first, keyFile, shared, notes }))
  const followers = [followConfig({ world, log }), followPrices({ world, desk: deskOf(world, engine.gateway), log })]
  return {
    url: front.url,
    adminUrl: front.adminUrl,
    async stop() {
      for (const unfollow of followers) unfollow()
      await front.drain()
      await engine.close()
      await world.close()
      log.flush()
    },
  }
}
