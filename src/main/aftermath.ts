import type { ExportCursor } from '../contract/export.ts'
import { showExported } from '../http/requests.ts'
import { createRetention } from '../ledger/retention.ts'
import { folderDestination } from '../telemetry/export-folder.ts'
import { webhookDestination } from '../telemetry/export-webhook.ts'
import { createLedgerExport, type Destination } from '../telemetry/ledger-export.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { World } from './world.ts'

// What becomes of attempts that have ended: others hear of them, and old ones are forgotten.

interface Input {
  readonly world: World
  readonly instance: string
  readonly log: Log
  readonly metrics: Metrics
}

/** The work, and how many milliseconds to wait before it is done again. */
export function aftermath({ world, instance: holder, log, metrics }: Input): readonly [ms: number, work: () => Promise<unknown>][] {
  const { store, now } = world
  const settings = () => world.configured().config.settings
  const destinations = destinationsOf(world)
  const exports = createLedgerExport({
    ...{ store: store.exports, leases: store.leases, holder, destinations, now },
    onParked: (parked) => announceParked(world, parked),
    onTrouble: (error) => log.error('Rows of the books could not be told to others; trying again.', { error: String(error) }),
  })
  const forget = createRetention({
    ...{ store: store.retention, leases: store.leases, holder, now },
    retention: () => settings().retention,
    destinations: () => settings().ledgerExport.map(({ name }) => name),
  })
  let waiting: readonly [string, number][] = []
  metrics.gauge({
    name: 'tollgate_ledger_export_waiting',
    help: 'Rows of the books that a destination of ledger_export has yet to take.',
    label: 'destination',
    read: () => waiting,
  })
  const measure = async (): Promise<void> => {
    const named = new Set(settings().ledgerExport.map(({ name }) => name))
    const standings = named.size === 0 ? [] : await store.exports.standings()
    waiting = standings.flatMap((standing) => (named.has(standing.destination) ? [[standing.destination, standing.waiting]] : []))
  }
  return [
    [2_000, () => exports.deliver()],
    [5_000, measure],
    [600_000, forget],
  ]
}

/** Made anew when the configuration changes. */
function destinationsOf({ web, now, configured }: World): () => readonly Destination[] {
  let made: { readonly of: object; readonly are: readonly Destination[] } | undefined
  return () => {
    const { ledgerExport } = configured().config.settings
    if (made?.of !== ledgerExport) {
      const with_ = { web, show: showExported, now }
      made = {
        of: ledgerExport,
        are: ledgerExport.map((to) => ('url' in to ? webhookDestination(to, with_) : folderDestination(to, with_))),
      }
    }
    return made.are
  }
}

function announceParked({ announce }: World, { destination, error, failingSince = 0, failures, seq }: ExportCursor): void {
  const since = new Date(failingSince).toISOString()
  announce({ type: 'export.parked', subject: destination, data: { error, since, failures, seq }, once: `${destination} ${since}` })
}
