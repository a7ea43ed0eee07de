import type { TenantId } from '../contract/ids.ts'
import type { AttemptId, AttemptRow } from '../contract/ledger.ts'
import type { Trace } from '../contract/trace.ts'
import { GatewayError } from '../errors.ts'
import { note } from './audit.ts'
import type { Desk } from './desk.ts'
import type { Operator } from './operator.ts'

export interface RequestQuery {
  readonly tenant: TenantId | undefined
  /** The last attempt of the page before. */
  readonly before: AttemptId | undefined
  readonly limit: number
}

/** Booked attempts, newest first. */
export async function listRequests(desk: Desk, by: Operator, { tenant, before, limit }: RequestQuery): Promise<readonly AttemptRow[]> {
  await note(desk, by, { action: 'request.list', tenant, object: 'requests' })
  return desk.store.ledger.requests({ limit, ...(tenant !== undefined && { tenant }), ...(before && { before }) })
}

export async function showRequest(desk: Desk, by: Operator, id: string): Promise<Attempts> {
  const attempts = await attemptsOf(desk, id)
  await note(desk, by, { action: 'request.show', tenant: attempts[0].start.tenant, object: id })
  return attempts
}

/** The decision on a request, as this process remembers it for a while and as the books have it for good: one of them at least. */
export interface Remembered {
  readonly trace: Trace | undefined
  readonly booked: Attempts | undefined
  readonly tenant: TenantId
}

export async function showDecision(desk: Desk, by: Operator, id: string): Promise<Remembered> {
  const remembered = await decisionOn(desk, id)
  await note(desk, by, { action: 'request.show', tenant: remembered.tenant, object: id })
  return remembered
}

/** Throws `not_found`, for another tenant's request as for one that never was. */
export async function decisionOn(desk: Desk, requestId: string, tenant?: TenantId): Promise<Remembered> {
  const found = desk.gateway.traces.find(requestId)
  const trace = tenant === undefined || found?.caller.tenant.id === tenant ? found : undefined
  const booked = await rowsOf(desk, requestId, trace?.caller.tenant.id ?? tenant)
  const owner = trace?.caller.tenant.id ?? booked?.[0].start.tenant
  if (owner === undefined) throw notKnown()
  return { trace, booked, tenant: owner }
}

/** Throws `not_found`, for another tenant's request as for one that never was. */
export async function attemptsOf(desk: Desk, requestId: string, tenant?: TenantId): Promise<Attempts> {
  const rows = await rowsOf(desk, requestId, tenant)
  if (rows) return rows
  throw notKnown()
}

async function rowsOf({ store }: Desk, requestId: string, tenant: TenantId | undefined): Promise<Attempts | undefined> {
  const rows = await store.ledger.requests({ requestId, limit: MOST_ATTEMPTS, ...(tenant !== undefined && { tenant }) })
  const [first, ...others] = rows.toReversed()
  return first && [first, ...others]
}

const notKnown = (): GatewayError =>
  new GatewayError(
    'not_found',
    'No request with this id is booked. Only what reached a provider is: for a refused one, send it again with x-tollgate-explain: true.',
  )

const MOST_ATTEMPTS = 100

/** All attempts of one request, first to last; there is at least one. */
export type Attempts = readonly [AttemptRow, ...AttemptRow[]]

/** What the books can say of a request that was let through: which plan, whose key, who answered and how it ended. */
export interface BookedDecision {
  readonly verdict: 'allowed'
  readonly status: number | undefined
  readonly code: string | undefined
  readonly because: string
  readonly plan: string
  readonly model: string
  readonly config: string
  readonly offers: readonly BookedOffer[]
}

export interface BookedOffer {
  readonly provider: string
  readonly model: string
  readonly source: string
  readonly via: string | undefined
  readonly fingerprint: string | undefined
}

/** The decision as it was booked; candidates that were passed over are in no book. */
export function explainBooked(attempts: Attempts, tenant: string): BookedDecision {
  const last = attempts.at(-1) ?? attempts[0]
  const { start, outcome } = last
  return {
    verdict: 'allowed',
    status: outcome?.status,
    code: outcome?.code,
    because: `Plan ${start.plan} let ${tenant} use ${start.provider}/${start.wireModel}; ${payer(last)}. ${ending(last)}`,
    plan: start.plan,
    model: start.model ?? `${start.provider}/${start.wireModel}`,
    config: start.config,
    offers: attempts.map(({ start: { provider, wireModel, source, via, fingerprint } }) => ({
      ...{ provider, model: wireModel, source, via, fingerprint },
    })),
  }
}

function payer({ start: { source, via } }: AttemptRow): string {
  if (source === 'none') return 'no key was needed'
  return source === 'tenant' ? `its own key paid (found as ${via})` : "the platform's key paid"
}

function ending({ start: { attempt }, outcome }: AttemptRow): string {
  const tries = attempt === 1 ? 'The first attempt' : `Attempt ${attempt}`
  if (!outcome) return `${tries} is still running.`
  return outcome.code === undefined
    ? `${tries} was answered with ${outcome.status}.`
    : `${tries} ended in ${outcome.code} (${outcome.status}).`
}
