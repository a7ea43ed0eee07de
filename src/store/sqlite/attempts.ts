import type { Database } from 'better-sqlite3'
import type { AttemptRow, AttemptState } from '../../contract/ledger.ts'
import type { LedgerStore } from '../../contract/store.ts'
import { bootsOf } from './boots.ts'
import { whenFree } from './connection.ts'
import { sumReader, sumWriter } from './sums.ts'

type Row = [state: AttemptState, start: string, outcome: string | null, cost: number | null, charge: number | null]

const COLUMNS = 'state, start, outcome, cost, charge'

/** Written by a connection of their own, so that a commit of the books does not wait behind a report. */
export function ledgerStore(input: { books: Database; reports: Database; now: () => number }): LedgerStore & { close(): Promise<void> } {
  const boots = bootsOf(input.books, input.now)
  const write = attemptWriter(input.books)
  const read = attemptReader(input.reports)
  return {
    write: (rows) =>
      whenFree(() => {
        const boot = boots.enter()
        return write.immediate(rows, boot)
      }),
    open: async () => read.open(boots.deadline()),
    requests: async (query) => read.requests(query),
    ...sumReader(input.reports),
    close: boots.close,
  }
}

function attemptWriter(db: Database) {
  const insert = db.prepare(`
    INSERT INTO attempts (request_id, attempt, tenant_id, at, provider, wire_model, source, boot, state, start)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'reserved', ?) ON CONFLICT DO NOTHING`)
  const finish = db.prepare(`
    UPDATE attempts SET state = ?, cost = ?, charge = ?, input = ?, output = ?, outcome = ?
    WHERE request_id = ? AND attempt = ? AND state = 'reserved'`)
  const addSums = sumWriter(db)

  function reserve({ start }: AttemptRow, boot: number): boolean {
    const { requestId, attempt, tenant, at, provider, wireModel, source } = start
    return insert.run(requestId, attempt, tenant, at, provider, wireModel, source, boot, JSON.stringify(start)).changes === 1
  }

  function end({ start, state, outcome, lines, cost, charge }: AttemptRow): boolean {
    const usage = outcome?.usage
    const rest = JSON.stringify({ outcome, lines })
    const { requestId, attempt } = start
    return finish.run(state, cost, charge, usage?.input ?? null, usage?.output ?? null, rest, requestId, attempt).changes === 1
  }

  return db.transaction((rows: readonly AttemptRow[], boot: number): readonly AttemptRow[] => {
    const refused: AttemptRow[] = []
    const ended: AttemptRow[] = []
    for (const row of rows) {
      const reserving = row.state === 'reserved'
      const written = reserving ? reserve(row, boot) : end(row)
      if (!written) refused.push(row)
      else if (!reserving) ended.push(row)
    }
    addSums(ended)
    return refused
  })
}

function attemptReader(db: Database) {
  const open = db
    .prepare<[number], Row>(`SELECT ${COLUMNS} FROM attempts WHERE state = 'reserved'
    AND boot NOT IN (SELECT id FROM boots WHERE seen_at > ?) LIMIT 1000`)
    .raw()
  const ofRequest = db.prepare<[string], Row>(`SELECT ${COLUMNS} FROM attempts WHERE request_id = ? ORDER BY attempt DESC`).raw()
  const seqOf = db.prepare<[string, number], number>('SELECT seq FROM attempts WHERE request_id = ? AND attempt = ?').pluck()
  const all = db.prepare<[number, number], Row>(`SELECT ${COLUMNS} FROM attempts WHERE seq < ? ORDER BY seq DESC LIMIT ?`).raw()
  const ofTenant = db
    .prepare<[string, number, number], Row>(`SELECT ${COLUMNS} FROM attempts WHERE tenant_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?`)
    .raw()

  function requests({ tenant, requestId, before, limit }: Parameters<LedgerStore['requests']>[0]): AttemptRow[] {
    if (requestId !== undefined) {
      const rows = ofRequest.all(requestId).map(decodeAttempt)
      return rows.filter(({ start }) => tenant === undefined || start.tenant === tenant).slice(0, limit)
    }
    const end = before === undefined ? Number.MAX_SAFE_INTEGER : (seqOf.get(before.requestId, before.attempt) ?? 0)
    return (tenant === undefined ? all.all(end, limit) : ofTenant.all(tenant, end, limit)).map(decodeAttempt)
  }

  return { open: (deadline: number) => open.all(deadline).map(decodeAttempt), requests }
}

function decodeAttempt([state, start, rest, cost, charge]: Row): AttemptRow {
  const { outcome, lines }: Pick<AttemptRow, 'outcome' | 'lines'> = rest === null ? { outcome: undefined, lines: [] } : JSON.parse(rest)
  return { start: JSON.parse(start), state, outcome, lines, cost, charge }
}
