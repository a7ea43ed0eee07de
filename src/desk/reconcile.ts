import type { Billing, Claim } from '../contract/billing.ts'
import type { Reconciliation } from '../contract/reconciliation.ts'
import { GatewayError } from '../errors.ts'
import { note } from './audit.ts'
import { bookedAttempts } from './booked.ts'
import type { Desk } from './desk.ts'
import type { Operator } from './operator.ts'

export interface ReconcileQuery {
  readonly provider: string
  /** `2026-10`, UTC. */
  readonly month: string
  /** A provider's export, as it came. */
  readonly text: string
  /** Keys and projects that the gateway uses. */
  readonly own: readonly string[]
}

const DAY = 86_400_000

/** The platform's own traffic of a month against what its provider bills: what tenants pay with their own keys is in their own accounts. */
export async function reconcileMonth(desk: Desk, by: Operator, { provider, month, text, own }: ReconcileQuery): Promise<Reconciliation> {
  const billing = billingOf(desk, provider)
  const claims = claimsIn(billing, { provider, text })
  await note(desk, by, { action: 'ledger.reconcile', object: provider, detail: { month, lines: claims.length } })
  const [begin, end] = [Date.parse(`${month}-01`), firstOfNext(month)]
  await refuseDeleted(desk, begin)
  const reconciler = desk.reconciler({ claims, from: dayOf(begin), to: dayOf(end), canonical: billing.canonical, own })
  // What began just before the month may have been billed in it.
  for await (const row of bookedAttempts(desk.store.ledger, { from: begin - DAY, to: end }))
    if (row.start.provider === provider && row.start.source === 'platform') reconciler.add(row)
  return reconciler.result()
}

/** Half of a month's rows would look like traffic of others. */
async function refuseDeleted({ store }: Desk, begin: number): Promise<void> {
  const last = (await store.ledger.sealed()).at(-1)?.day
  if (last === undefined || last < dayOf(begin)) return
  const sentence = `Rows of the books are deleted up to ${last}, so this month cannot be told any more: ask sooner, or keep them for longer (retention.attempts).`
  throw new GatewayError('invalid_value', sentence, { param: 'month' })
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)

function firstOfNext(month: string): number {
  const [year = 0, number = 0] = month.split('-').map(Number)
  return Date.UTC(year, number, 1)
}

function billingOf(desk: Desk, id: string): Billing {
  const { registry } = desk.rules()
  const { billing } = registry.get(id) ?? {}
  if (billing) return billing
  const known = registry.providers.flatMap((provider) => (provider.billing ? [provider.id] : []))
  throw new GatewayError('invalid_value', `No export of ${id} can be read. Those of these can: ${known.join(', ')}.`, { param: 'provider' })
}

function claimsIn(billing: Billing, { provider, text }: { provider: string; text: string }): readonly Claim[] {
  const claims = billing.read(text)
  if (claims && claims.length > 0) return claims
  const why = claims ? 'holds no line that is billed' : `is no export of cost or usage of ${provider} that is known`
  throw new GatewayError('invalid_value', `The file ${why}: give it as it came, CSV or JSON.`, { param: 'file' })
}
