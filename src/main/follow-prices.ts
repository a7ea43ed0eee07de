import { keyId } from '../contract/ids.ts'
import type { Desk } from '../desk/desk.ts'
import type { Operator } from '../desk/operator.ts'
import { refreshCatalog } from '../desk/refresh.ts'
import type { Log } from '../telemetry/log.ts'
import type { World } from './world.ts'

/** Milliseconds between two looks at whether a refresh is due. */
const LOOK = 60_000

const SCHEDULE: Operator = { id: keyId('schedule'), name: 'schedule', scopes: [], expiresAt: undefined, requestId: undefined }

/** Refreshes prices as often as the configuration says, once for all replicas; never where it says nothing. */
export function followPrices({ world, desk, log }: { world: World; desk: Desk; log: Log }): () => void {
  const due = async (): Promise<boolean> => {
    const every = world.configured().config.settings.catalog?.every
    // Nobody gives this lease back: who gets it has the turn, and the next turn comes when it runs out.
    return every !== undefined && world.store.leases.take('catalog.schedule', desk.random(9).toString('base64url'), world.now() + every)
  }
  const look = async (): Promise<void> => {
    if (!(await due())) return
    const { verdict, source, snapshot, because } = await refreshCatalog(desk, SCHEDULE, {})
    if (verdict === 'refused') log.warn('A price list is refused; what is in force stays.', { source, because })
    else log.info('Prices were refreshed.', { source, snapshot, verdict })
  }
  const run = (): void => {
    look().catch((error: unknown) => log.error('Prices could not be refreshed; what is in force stays.', { error: String(error) }))
  }
  run()
  const timer = setInterval(run, LOOK).unref()
  return () => clearInterval(timer)
}
