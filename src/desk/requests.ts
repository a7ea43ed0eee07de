import type { TenantId } from '../contract/ids.ts'
import type { AttemptId, AttemptRow } from '../contract/ledger.ts'
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

/** Throws `not_found`, for another tenant's request as for one that never was. */
export async function attemptsOf({ store }: Desk, requestId: string, tenant?: TenantId): Promise<Attempts> {
  const rows = await store.ledger.requests({ requestId, limit: MOST_ATTEMPTS, ...(tenant !== undefined && { tenant }) })
  const [first, ...others] = rows.toReversed()
  if (first) return [first, ...others]
  throw new GatewayError(
    'not_found',
    'No request with this id is booked. Only what reached a provider is: for a refused one, send it again with x-tollgate-explain: true.',
  )
}

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
