import type { AttemptRow } from '../../contract/ledger.ts'
import type { LedgerStore } from '../../contract/store.ts'
import { decodeAttempt, type WrittenAttempt } from '../rows/attempts.ts'
import type { Queries } from './database.ts'

const SELECT = 'SELECT start, state, outcome, cost, charge FROM attempts LEFT JOIN ends USING (seq)'

/** `first`: the seq of the first of them. */
export async function openAttempts(db: Queries, deadline: number): Promise<{ first: number | undefined; rows: AttemptRow[] }> {
  const rows = await db.tuples<[...WrittenAttempt, seq: number]>(
    `SELECT start, state, outcome, cost, charge, seq FROM attempts LEFT JOIN ends USING (seq)
    WHERE seq >= (SELECT min(open_from) FROM boots WHERE seen_at <= $1) AND state IS NULL
    AND boot NOT IN (SELECT id FROM boots WHERE seen_at > $1) ORDER BY seq LIMIT 1000`,
    deadline,
  )
  return {
    first: rows[0]?.[5],
    rows: rows.map(([start, state, outcome, cost, charge]) => decodeAttempt([start, state, outcome, cost, charge])),
  }
}

export async function requests(db: Queries, query: Parameters<LedgerStore['requests']>[0]): Promise<AttemptRow[]> {
  const { tenant, requestId, before, limit } = query
  const ofTenant = '($1::text IS NULL OR tenant_id = $1)'
  if (requestId !== undefined) {
    const text = `${SELECT} WHERE ${ofTenant} AND request_id = $2 ORDER BY attempt DESC LIMIT $3`
    return (await db.tuples<WrittenAttempt>(text, tenant ?? null, requestId, limit)).map(decodeAttempt)
  }
  const end = before ? await seqOf(db, before.requestId, before.attempt) : Number.MAX_SAFE_INTEGER
  const text = `${SELECT} WHERE ${tenant === undefined ? ofTenant : 'tenant_id = $1'} AND seq < $2 ORDER BY seq DESC LIMIT $3`
  return (await db.tuples<WrittenAttempt>(text, tenant ?? null, end, limit)).map(decodeAttempt)
}

async function seqOf(db: Queries, requestId: string, attempt: number): Promise<number> {
  const [row] = await db.rows<{ seq: number }>('SELECT seq FROM attempts WHERE request_id = $1 AND attempt = $2', requestId, attempt)
  return row?.seq ?? 0
}
