import { randomInt } from 'node:crypto'
import type { AttemptRow } from '../../contract/ledger.ts'
import type { LedgerStore } from '../../contract/store.ts'
import { decodeAttempt, type WrittenAttempt } from '../rows/attempts.ts'
import { bootsOf } from './boots.ts'
import { type Database, type Queries, unlessLost } from './database.ts'
import { ConnectionLost, isValuesFault } from './failures.ts'
import { sealedReader } from './retention.ts'
import type { Sources } from './sources.ts'
import { addKeySums, addSums, sumReader } from './sums.ts'

export function ledgerStore(db: Database, sources: Sources): LedgerStore & { close(): Promise<void> } {
  const boots = bootsOf(db)
  const write = attemptWriter(db)
  return {
    async write(rows) {
      const { opened, ended, refused } = await write(rows, await boots.enter())
      for (const seq of opened) boots.opened(seq)
      for (const seq of ended) boots.ended(seq)
      return refused
    },
    async open() {
      const deadline = await boots.deadline()
      const rows = await openAttempts(db, deadline)
      if (rows.length === 0) await boots.bury(db, deadline)
      return rows
    },
    requests: (query) => requests(db.of(query.tenant), query),
    ...sumReader(db, sources),
    ...sealedReader(db),
    close: boots.close,
  }
}

/** What became of a batch: attempts opened and ended, by seq, and the rows that were refused. */
interface Written {
  readonly opened: readonly number[]
  readonly ended: readonly number[]
  readonly refused: readonly AttemptRow[]
}

/**
 * Every row has a mark for as long as it lives in memory, and takes it into the database. When the connection breaks at the commit, the
 * same rows are written again: one that stands with its own mark was committed, and is neither refused nor counted twice.
 */
function attemptWriter(db: Database) {
  const marks = new WeakMap<AttemptRow, number>()
  let lastMark = randomInt(2 ** 47)
  /** Reserved in a transaction of which nobody knows whether it was committed. */
  let doubtful: readonly AttemptRow[] = []

  function markOf(row: AttemptRow): number {
    const mark = marks.get(row) ?? ++lastMark
    marks.set(row, mark)
    return mark
  }

  async function writeAll(rows: readonly AttemptRow[], boot: number): Promise<Written> {
    const marked = new Map(rows.map((row) => [markOf(row), row]))
    try {
      return await unlessLost(() => db.transaction((tx) => writeBatch(tx, marked, boot)))
    } catch (error) {
      if (!isValuesFault(error)) throw error
      // A row that no column takes is refused alone; else it would hold up every other row for ever.
      if (rows.length === 1) return { opened: [], ended: [], refused: rows }
      const parts: Written[] = []
      for (const row of rows) parts.push(await writeAll([row], boot))
      return joined(parts)
    }
  }

  /** Whoever asked for these was told that they failed, and sent nothing: where they stand after all, they end as released. */
  async function settleDoubts(boot: number): Promise<void> {
    const unsure = doubtful
    if (unsure.length === 0) return
    await writeAll([...unsure, ...unsure.map(released)], boot)
    doubtful = doubtful.slice(unsure.length)
  }

  return async (rows: readonly AttemptRow[], boot: number): Promise<Written> => {
    try {
      await settleDoubts(boot)
      return await writeAll(rows, boot)
    } catch (error) {
      if (error instanceof ConnectionLost) doubtful = [...doubtful, ...rows.filter(({ state }) => state === 'reserved')]
      throw error
    }
  }
}

const joined = (parts: readonly Written[]): Written => ({
  opened: parts.flatMap(({ opened }) => opened),
  ended: parts.flatMap(({ ended }) => ended),
  refused: parts.flatMap(({ refused }) => refused),
})

function released({ start }: AttemptRow): AttemptRow {
  const outcome = { state: 'released', usage: undefined, status: 503, code: 'ledger_unavailable', timings: { total: 0 } } as const
  return { start, state: 'released', outcome, lines: [], cost: 0, charge: 0 }
}

type Marked = readonly [mark: number, row: AttemptRow]

/** One transaction of at most four statements, whatever the number of rows. */
async function writeBatch(tx: Queries, rows: ReadonlyMap<number, AttemptRow>, boot: number): Promise<Written> {
  const isReserved = ([, { state }]: Marked): boolean => state === 'reserved'
  const opened = await insertAttempts(tx, firstOfEach([...rows].filter(isReserved)), boot)
  const ended = await insertEnds(tx, firstOfEach([...rows].filter((row) => !isReserved(row))))
  const counted = ended.flatMap(({ mark, fresh }) => (fresh ? (rows.get(mark) ?? []) : []))
  await addSums(tx, counted)
  await addKeySums(tx, counted)
  const taken = new Set([...opened, ...ended].map(({ mark }) => mark))
  return {
    opened: opened.map(({ seq }) => seq),
    ended: ended.map(({ seq }) => seq),
    refused: [...rows].flatMap(([mark, row]) => (taken.has(mark) ? [] : [row])),
  }
}

/** One statement cannot meet the same row twice: the second of one batch is refused like one that comes later. */
function firstOfEach(rows: readonly Marked[]): readonly Marked[] {
  const first = new Map<string, Marked>()
  for (const row of rows) {
    const key = `${row[1].start.attempt}\n${row[1].start.requestId}`
    if (!first.has(key)) first.set(key, row)
  }
  return [...first.values()]
}

interface Taken {
  readonly seq: number
  readonly mark: number
  /** It was not there before. */
  readonly fresh: boolean
}

async function insertAttempts(tx: Queries, rows: readonly Marked[], boot: number): Promise<readonly Taken[]> {
  if (rows.length === 0) return []
  return tx.rows<Taken>(
    `INSERT INTO attempts AS stands (request_id, attempt, tenant_id, start, mark, boot)
    SELECT *, $6::bigint FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[])
    ON CONFLICT (request_id, attempt) DO UPDATE SET mark = stands.mark WHERE stands.mark = excluded.mark
    RETURNING seq, mark, xmax = 0 AS fresh`,
    ...[
      rows.map(([, { start }]) => start.requestId),
      rows.map(([, { start }]) => start.attempt),
      rows.map(([, { start }]) => start.tenant),
    ],
    ...[rows.map(([, { start }]) => JSON.stringify(start)), rows.map(([mark]) => mark), boot],
  )
}

/** In the order of the attempts, so that two processes that close the same ones never wait for each other. */
async function insertEnds(tx: Queries, rows: readonly Marked[]): Promise<readonly Taken[]> {
  if (rows.length === 0) return []
  return tx.rows<Taken>(
    `INSERT INTO ends AS stands (seq, state, cost, charge, outcome, mark)
    SELECT seq, state, cost, charge, outcome, given.mark
    FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::bigint[])
      AS given (request_id, attempt, state, cost, charge, outcome, mark) JOIN attempts USING (request_id, attempt)
    ORDER BY seq
    ON CONFLICT (seq) DO UPDATE SET mark = stands.mark WHERE stands.mark = excluded.mark
    RETURNING seq, mark, xmax = 0 AS fresh`,
    ...[rows.map(([, { start }]) => start.requestId), rows.map(([, { start }]) => start.attempt), rows.map(([, { state }]) => state)],
    ...[rows.map(([, { cost }]) => cost), rows.map(([, { charge }]) => charge)],
    ...[rows.map(([, { outcome, lines }]) => JSON.stringify({ outcome, lines })), rows.map(([mark]) => mark)],
  )
}

const SELECT = 'SELECT start, state, outcome, cost, charge FROM attempts LEFT JOIN ends USING (seq)'

async function openAttempts(db: Queries, deadline: number): Promise<AttemptRow[]> {
  const rows = await db.tuples<WrittenAttempt>(
    `${SELECT} WHERE seq >= (SELECT min(open_from) FROM boots WHERE seen_at <= $1) AND state IS NULL
    AND boot NOT IN (SELECT id FROM boots WHERE seen_at > $1) ORDER BY seq LIMIT 1000`,
    deadline,
  )
  return rows.map(decodeAttempt)
}

async function requests(db: Queries, { tenant, requestId, before, limit }: Parameters<LedgerStore['requests']>[0]): Promise<AttemptRow[]> {
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
