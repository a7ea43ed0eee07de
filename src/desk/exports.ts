import type { ExportStanding } from '../contract/export.ts'
import { GatewayError } from '../errors.ts'
import { entry } from './audit.ts'
import type { Desk } from './desk.ts'
import type { Operator } from './operator.ts'

/** How a destination stands, as everybody is told. */
export interface ShownStanding {
  readonly destination: string
  readonly state: 'current' | 'behind' | 'failing' | 'parked'
  readonly seq: number
  readonly waiting: number
  readonly failures: number
  readonly failing_since: string | null
  readonly next_at: string | null
  readonly error: string | null
}

export function showStanding({
  destination,
  seq,
  waiting,
  failures,
  failingSince,
  nextAt,
  parkedAt,
  error,
}: ExportStanding): ShownStanding {
  const late = waiting > 0 ? 'behind' : 'current'
  const state = parkedAt !== undefined ? 'parked' : failures > 0 ? 'failing' : late
  const time = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString())
  return {
    ...{ destination, state, seq, waiting, failures },
    ...{ failing_since: time(failingSince), next_at: time(nextAt), error: error ?? null },
  }
}

export async function listExports({ store }: Desk): Promise<readonly ShownStanding[]> {
  return (await store.exports.standings()).map(showStanding)
}

/** What a parked destination has not taken is sent to it again, from where it stopped. */
export async function resumeExport(desk: Desk, by: Operator, destination: string): Promise<ShownStanding> {
  await desk.store.exports.resume(destination, entry(desk, by, { action: 'export.resume', object: destination }))
  const found = (await listExports(desk)).find((one) => one.destination === destination)
  if (found) return found
  throw new GatewayError(
    'not_found',
    `Nothing was ever told to a destination ${destination}. GET /admin/v1/ledger-exports lists those there are.`,
  )
}
