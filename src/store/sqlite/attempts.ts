import type { Database, RunResult } from 'better-sqlite3'
import type { AttemptRow, Written } from '../../contract/ledger.ts'
import type { Held, Overdraft } from '../../contract/meter.ts'
import type { LedgerStore } from '../../contract/store.ts'
import { decodeAttempt, encodeEnd, encodeStart, type WrittenAttempt } from '../rows/attempts.ts'
import { isOverdraft } from '../rows/balances.ts'
import { balanceKeeper, balanceReader } from './balances.ts'
import { bootsOf } from './boots.ts'
import { isEnginesFault, whenFree } from './connection.ts'
import { keySumReader, keySumWriter } from './key-sums.ts'
import { sealedReader } from './retention.ts'
import { sumReader, sumWriter } from './sums.ts'

export function ledgerStore(db: Database, now: () => number): LedgerStore & { close(): Promise<void> } {
  const boots = bootsOf(db, now)
  const write = attemptWriter(db)
  const read = attemptReader(db)
  return {
    write: (rows) =>
      whenFree(() => {
        const { opened, ended, ...written } = write.immediate(rows, boots.enter())
        for (const seq of opened) boots.opened(seq)
        for (const seq of ended) boots.ended(seq)
        return written
      }),
    open: () =>
      whenFree(() => {
        const deadline = boots.deadline()
        const { first, rows } = read.open(deadline)
        if (first === undefined) boots.bury(deadline)
        else boots.closedTo(first, deadline)
        return withEnds(rows, boots.left(deadline))
      }),
    spare: boots.spare,
    requests: async (query) => read.requests(query),
    ...sumReader(db),
    ...keySumReader(db),
    ...sealedReader(db),
    ...balanceReader(db),
    close: boots.close,
  }
}

/** Each open attempt, or its end where that was kept. */
function withEnds(open: readonly AttemptRow[], ends: readonly AttemptRow[]): readonly AttemptRow[] {
  const nameOf = ({ start }: AttemptRow) => `${start.attempt} ${start.requestId}`
  const kept = new Map(ends.map((end) => [nameOf(end), end]))
  return kept.size === 0 ? open : open.map((row) => kept.get(nameOf(row)) ?? row)
}

/** What became of a batch: also the attempts opened and ended, by seq. */
interface Batch extends Written {
  readonly opened: number[]
  readonly ended: number[]
}

function attemptWriter(db: Database) {
  const insertRow = rowWriter(db)
  const addSums = sumWriter(db)
  const addKeySums = keySumWriter(db)
  const balances = balanceKeeper(db)

  /** The seq of a row that was written; undefined of one that was refused. */
  function seqOf(row: AttemptRow, boot: number): number | undefined {
    try {
      const { changes, lastInsertRowid } = insertRow(row, boot)
      return changes === 1 ? Number(lastInsertRowid) : undefined
    } catch (error) {
      // A row that no column takes is refused alone; else it would hold up every other row for ever.
      if (isEnginesFault(error)) throw error
      return undefined
    }
  }

  return db.transaction((rows: readonly AttemptRow[], boot: number): Batch => {
    const [opened, ended, refused, counted]: [number[], number[], AttemptRow[], AttemptRow[]] = [[], [], [], []]
    const [overdrawn, held] = [new Map<AttemptRow, Overdraft>(), new Map<AttemptRow, readonly Held[]>()]
    const sheet = balances.open(rows)
    for (const row of rows) {
      const holds = row.draws && sheet.hold(row.draws)
      if (holds && isOverdraft(holds)) {
        overdrawn.set(row, holds)
        continue
      }
      const seq = seqOf(holds ? { ...row, start: { ...row.start, held: holds } } : row, boot)
      if (seq === undefined) {
        refused.push(row)
        if (holds) sheet.free(holds)
      } else if (row.state === 'reserved') {
        opened.push(seq)
        if (holds) held.set(row, holds)
      } else {
        ended.push(seq)
        counted.push(row)
        sheet.end(row.taken)
      }
    }
    addSums(counted)
    addKeySums(counted)
    balances.close(sheet)
    return { opened, ended, refused, overdrawn, held, moves: sheet.moves() }
  })
}

function rowWriter(db: Database): (row: AttemptRow, boot: number) => RunResult {
  const insert = db.prepare(
    'INSERT INTO attempts (request_id, attempt, tenant_id, boot, start) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const finish = db.prepare(`
    INSERT INTO ends (seq, state, cost, charge, outcome)
    SELECT seq, ?, ?, ?, ? FROM attempts WHERE request_id = ? AND attempt = ? ON CONFLICT DO NOTHING`)
  return (row, boot) => {
    const { requestId, attempt, tenant } = row.start
    if (row.state === 'reserved') return insert.run(requestId, attempt, tenant, boot, encodeStart(row))
    return finish.run(row.state, row.cost, row.charge, encodeEnd(row), requestId, attempt)
  }
}

function attemptReader(db: Database) {
  const rows = <Bound extends unknown[]>(rest: string) =>
    db.prepare<Bound, WrittenAttempt>(`SELECT start, state, outcome, cost, charge FROM attempts LEFT JOIN ends USING (seq) ${rest}`).raw()
  const openSeqs = db
    .prepare<[number, number], number>(
      `SELECT seq FROM attempts LEFT JOIN ends USING (seq)
      WHERE seq >= (SELECT min(open_from) FROM boots WHERE seen_at <= ?) AND boot NOT IN (SELECT id FROM boots WHERE seen_at > ?)
      AND state IS NULL ORDER BY seq LIMIT ${AT_ONCE}`,
    )
    .pluck()
  const bySeq = rows<[number]>('WHERE seq = ?')
  const ofRequest = rows<[string]>('WHERE request_id = ? ORDER BY attempt DESC')
  const all = rows<[number, number]>('WHERE seq < ? ORDER BY seq DESC LIMIT ?')
  const ofTenant = rows<[string, number, number]>('WHERE tenant_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?')
  const seqOf = db.prepare<[string, number], number>('SELECT seq FROM attempts WHERE request_id = ? AND attempt = ?').pluck()

  function requests({ tenant, requestId, before, limit }: Parameters<LedgerStore['requests']>[0]): AttemptRow[] {
    if (requestId !== undefined) {
      const attempts = ofRequest.all(requestId).map(decodeAttempt)
      return attempts.filter(({ start }) => tenant === undefined || start.tenant === tenant).slice(0, limit)
    }
    const end = before === undefined ? Number.MAX_SAFE_INTEGER : (seqOf.get(before.requestId, before.attempt) ?? 0)
    return (tenant === undefined ? all.all(end, limit) : ofTenant.all(tenant, end, limit)).map(decodeAttempt)
  }

  function open(deadline: number): { first: number | undefined; rows: AttemptRow[] } {
    const seqs = openSeqs.all(deadline, deadline)
    return { first: seqs[0], rows: seqs.flatMap((seq) => bySeq.all(seq)).map(decodeAttempt) }
  }

  return { open, requests }
}

/** Closed in one transaction, which no stream should have to wait for long. */
const AT_ONCE = 200
