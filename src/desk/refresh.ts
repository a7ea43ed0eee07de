import type { Catalog } from '../contract/catalog.ts'
import type { KeptSnapshot, RefreshReport } from '../contract/refresh.ts'
import { GatewayError } from '../errors.ts'
import { entry, note } from './audit.ts'
import type { Desk } from './desk.ts'
import type { Operator } from './operator.ts'

/** Where a list comes from; neither: from the address that the configuration names. */
export interface RefreshWish {
  readonly file?: { readonly name: string; readonly text: string } | undefined
  readonly url?: string | undefined
  /** Offers whose price may change by more than ten times. */
  readonly accept?: readonly string[] | undefined
  /** Judge, and take nothing. */
  readonly dryRun?: boolean | undefined
}

/** Milliseconds after which a refresh that died is no longer waited for. */
const LONGEST = 120_000

/**
 * Brings a price list into force on all replicas, or refuses it, with a reason for each trouble: what is in force stays then. One at a time.
 * Throws `overloaded` where another is under way.
 */
export async function refreshCatalog(desk: Desk, by: Operator, wish: RefreshWish): Promise<RefreshReport> {
  const holder = desk.random(9).toString('base64url')
  if (!(await desk.store.leases.take(LEASE, holder, desk.now() + LONGEST))) {
    throw new GatewayError('overloaded', 'Another refresh is under way: ask again in a minute.', { retryAfter: 60 })
  }
  try {
    return await refreshed(desk, by, wish)
  } finally {
    await desk.store.leases.release(LEASE, holder)
  }
}

const LEASE = 'catalog.refresh'

async function refreshed(desk: Desk, by: Operator, wish: RefreshWish): Promise<RefreshReport> {
  const { source, text } = await listOf(desk, wish)
  const accept = wish.accept ?? []
  const { report, brought } =
    typeof text === 'string' ? desk.prices.judge({ source, text, accept }) : { report: unread(source, text), brought: undefined }
  if (wish.dryRun) return report
  const { verdict, snapshot, models, because } = report
  const act = { action: `catalog.${verdict === 'refused' ? 'refuse' : 'refresh'}`, object: source }
  const detail = { snapshot, models, repriced: report.repriced.length, added: report.added.length, accept, because }
  if (brought) {
    const takenAt = new Date(desk.now()).toISOString()
    await desk.store.catalog.keep({ ...brought, source, takenAt }, entry(desk, by, { ...act, detail }))
  } else await note(desk, by, { ...act, detail })
  if (verdict === 'refused') await desk.prices.refused(report)
  return report
}

async function listOf(desk: Desk, { file, url }: RefreshWish): Promise<{ source: string; text: string | GatewayError }> {
  if (file) return { source: file.name, text: file.text }
  const source = url ?? desk.prices.address
  if (source === undefined) {
    throw new GatewayError('invalid_value', 'Say where the list is: give a file or an address, or set catalog.url in gateway.yaml.')
  }
  try {
    return { source, text: await desk.prices.fetch(source) }
  } catch (error) {
    if (error instanceof GatewayError) return { source, text: error }
    throw error
  }
}

function unread(source: string, { message }: GatewayError): RefreshReport {
  return { source, verdict: 'refused', snapshot: undefined, models: 0, offers: 0, added: [], silent: [], repriced: [], because: [message] }
}

/** Takes the last refresh back: what was in force before it is again. Throws `not_found` where there was none. */
export async function revertCatalog(desk: Desk, by: Operator): Promise<InForce> {
  const kept = await desk.store.catalog.newest()
  if (!kept) throw new GatewayError('not_found', 'Nothing was refreshed: the shipped list is in force.')
  const { snapshot, source } = kept
  await desk.store.catalog.drop(snapshot, entry(desk, by, { action: 'catalog.revert', object: source, detail: { snapshot } }))
  return catalogInForce(desk)
}

export interface InForce {
  /** The snapshot that ships with the code. */
  readonly shipped: string
  readonly kept: Omit<KeptSnapshot, 'models'> | undefined
  readonly catalog: Catalog
}

export async function catalogInForce({ store, rules, prices }: Desk): Promise<InForce> {
  return { shipped: prices.shipped, kept: await store.catalog.newest(), catalog: rules().catalog }
}
