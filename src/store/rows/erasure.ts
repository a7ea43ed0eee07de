import type { ErasedRows } from '../../contract/erasure.ts'
import type { AttemptStart } from '../../contract/ledger.ts'

/** Rows that go with their tenant, and the column that tells whose they are, in an order in which none takes another with it. */
export const GOING = [
  ['asks', 'tenant_id'],
  ['keepers', 'tenant_id'],
  ['claims', 'tenant_id'],
  ['balances', 'tenant_id'],
  ['vault', 'name'],
  ['tenant_settings', 'tenant_id'],
  ['gateway_keys', 'tenant_id'],
  ['tenant_overrides', 'tenant_id'],
  ['tenants', 'id'],
] as const

/** Sums hold figures under an id, and nobody's name. */
export const STAYING = ['sums', 'key_sums'] as const

/** Rows of the books gone through in one transaction: nobody else waits long for his own. */
export const PAGE = 500

export type ErasedAttempt = [seq: number, start: string, isEnded: number | boolean]

/** Attempts of a tenant that were gone through so far. */
export interface Gone {
  last: number
  attempts: number
  ends: number
}

/** What is left of a row's start; undefined where it told of nobody. */
export function withoutPeople(start: string): string | undefined {
  const told: AttemptStart = JSON.parse(start)
  if (told.user === undefined && told.tags.length === 0 && told.held === undefined) return undefined
  // What it holds says for whom, and goes with the balances it is held of.
  return JSON.stringify({ ...told, user: undefined, tags: [], held: undefined })
}

export function addPage(gone: Gone, rows: readonly ErasedAttempt[]): void {
  gone.last = rows.at(-1)?.[0] ?? gone.last
  gone.attempts += rows.length
  gone.ends += rows.filter(([, , isEnded]) => isEnded).length
}

export const removed = (table: string, rows: number): ErasedRows => ({ table, removed: rows, pseudonymised: 0, kept: 0 })

export const pseudonymised = (table: string, rows: number): ErasedRows => ({ table, removed: 0, pseudonymised: rows, kept: 0 })

export const kept = (table: string, rows: number): ErasedRows => ({ table, removed: 0, pseudonymised: 0, kept: rows })
