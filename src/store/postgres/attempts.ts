import { randomInt } from 'node:crypto'
import type { AttemptRow, Written } from '../../contract/ledger.ts'
import type { Held, Overdraft } from '../../contract/meter.ts'
import type { LedgerStore } from '../../contract/store.ts'
import { encodeEnd, encodeStart } from '../rows/attempts.ts'
import { type BalanceSheet, freed, isOverdraft } from '../rows/balances.ts'
import { openAttempts, requests } from './attempt-reads.ts'
import { balanceReader, closeBalances, openBalances } from './balances.ts'
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
      const { opened, ended, ...written } = await write(rows, await boots.enter())
      for (const seq of opened) boots.opened(seq)
      for (const seq of ended) boots.ended(seq)
      return written
    },
    async open() {
      const deadline = await boots.deadline()
      const { first, rows } = await openAttempts(db, deadline)
      await (first === undefined ? boots.bury(db, deadline) : boots.closedTo(first, deadline))
      return rows
    },
    requests: (query) => requests(db.of(query.tenant), query),
    ...sumReader(db, sources),
    ...sealedReader(db),
    ...balanceReader(db),
    close: boots.close,
  }
}

/** What became of a batch: also the attempts opened and ended, by seq. */
interface Batch extends Written {
  readonly opened: readonly number[]
  readonly ended: readonly number[]
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

  const marked = (rows: readonly AttemptRow[]): Marks => new Map(rows.map((row) => [markOf(row), row]))

  async function writeAll(rows: readonly AttemptRow[], boot: number): Promise<Batch> {
    const marks = marked(rows)
    try {
      return await unlessLost((tries) => db.transaction((tx) => writeBatch(tx, marks, { boot, again: tries > 0 })))
    } catch (error) {
      if (!isValuesFault(error)) throw error
      // A row that no column takes is refused alone; else it would hold up every other row for ever.
      if (rows.length === 1) return { ...NOTHING, refused: rows }
      const parts: Batch[] = []
      for (const row of rows) parts.push(await writeAll([row], boot))
      return joined(parts)
    }
  }

  /** Whoever asked for these was told that they failed, and sent nothing: where they stand after all, they end as released. */
  async function settleDoubts(boot: number): Promise<void> {
    const unsure = doubtful
    if (unsure.length === 0) return
    const marks = marked(unsure)
    const starts = await unlessLost(() =>
      db.transaction(async (tx) => {
        // Waits for whoever is still writing them.
        await insertAttempts(tx, firstOfEach([...marks]), boot)
        return startsOf(tx, marks)
      }),
    )
    await writeAll([...starts.values()].map(released), boot)
    doubtful = doubtful.slice(unsure.length)
  }

  return async (rows: readonly AttemptRow[], boot: number): Promise<Batch> => {
    try {
      await settleDoubts(boot)
      return await writeAll(rows, boot)
    } catch (error) {
      if (error instanceof ConnectionLost) doubtful = [...doubtful, ...rows.filter(({ state }) => state === 'reserved')]
      throw error
    }
  }
}

const NOTHING: Batch = { opened: [], ended: [], refused: [], overdrawn: new Map(), held: new Map(), moves: [] }

const joined = (parts: readonly Batch[]): Batch => ({
  opened: parts.flatMap(({ opened }) => opened),
  ended: parts.flatMap(({ ended }) => ended),
  refused: parts.flatMap(({ refused }) => refused),
  overdrawn: new Map(parts.flatMap(({ overdrawn }) => [...overdrawn])),
  held: new Map(parts.flatMap(({ held }) => [...held])),
  moves: parts.flatMap(({ moves }) => moves),
})

function released(start: AttemptRow['start']): AttemptRow {
  const outcome = { state: 'released', usage: undefined, status: 503, code: 'ledger_unavailable', timings: { total: 0 } } as const
  return { start, state: 'released', outcome, lines: [], cost: 0, charge: 0, taken: freed(start.held) }
}

type Marked = readonly [mark: number, row: AttemptRow]
type Marks = ReadonlyMap<number, AttemptRow>

/** One transaction of a few statements, whatever the number of rows. */
async function writeBatch(tx: Queries, marks: Marks, { boot, again }: { boot: number; again: boolean }): Promise<Batch> {
  const rows = [...marks]
  const sheet = await openBalances(tx, [...marks.values()])
  // With the balances locked, whoever wrote them before has committed or never will.
  const known = again ? await startsOf(tx, marks) : new Map<AttemptRow, AttemptRow['start']>()
  const opening = firstOfEach(rows.filter(([, row]) => row.state === 'reserved'))
  const here = new Set(opening.map(([, { start }]) => start.requestId))
  const ending = firstOfEach(rows.filter(([, row]) => row.state !== 'reserved'))
  const before = await endAll(
    tx,
    ending.filter(([, { start }]) => !here.has(start.requestId)),
    sheet,
  )
  const { held, overdrawn, admitted } = admit(opening, known, sheet)
  const opened = await insertAttempts(tx, admitted, boot)
  const after = await endAll(
    tx,
    ending.filter(([, { start }]) => here.has(start.requestId)),
    sheet,
  )
  const taken = new Set([...opened, ...before, ...after].map(({ mark }) => mark))
  for (const [mark, row] of opening) if (!taken.has(mark) && !overdrawn.has(row)) sheet.free(held.get(row) ?? [])
  await closeBalances(tx, sheet)
  return {
    opened: opened.map(({ seq }) => seq),
    ended: [...before, ...after].map(({ seq }) => seq),
    refused: rows.flatMap(([mark, row]) => (taken.has(mark) || overdrawn.has(row) ? [] : [row])),
    ...{ overdrawn, held, moves: sheet.moves() },
  }
}

/** Those whose meters have room, their starts with what they hold. What was committed before holds what it held then. */
function admit(opening: readonly Marked[], known: ReadonlyMap<AttemptRow, AttemptRow['start']>, sheet: BalanceSheet) {
  const [held, overdrawn] = [new Map<AttemptRow, readonly Held[]>(), new Map<AttemptRow, Overdraft>()]
  const admitted = opening.flatMap(([mark, row]): Marked[] => {
    const before = known.get(row)
    if (before) {
      if (before.held) held.set(row, before.held)
      return [[mark, { ...row, start: before }]]
    }
    const holds = row.draws && sheet.hold(row.draws)
    if (!holds) return [[mark, row]]
    if (isOverdraft(holds)) {
      overdrawn.set(row, holds)
      return []
    }
    held.set(row, holds)
    return [[mark, { ...row, start: { ...row.start, held: holds } }]]
  })
  return { held, overdrawn, admitted }
}

/** Ends attempts, adds them to their sums and moves their balances: each once, though it may be asked for again. */
async function endAll(tx: Queries, rows: readonly Marked[], sheet: BalanceSheet): Promise<readonly Taken[]> {
  const ended = await insertEnds(tx, rows)
  const byMark = new Map(rows)
  const counted = ended.flatMap(({ mark, fresh }) => (fresh ? (byMark.get(mark) ?? []) : []))
  await addSums(tx, counted)
  await addKeySums(tx, counted)
  for (const { taken } of counted) sheet.end(taken)
  return ended
}

/** The starts of those that stand with their own mark, as they were written. */
async function startsOf(tx: Queries, marks: Marks): Promise<Map<AttemptRow, AttemptRow['start']>> {
  const reserved = [...marks].filter(([, { state }]) => state === 'reserved')
  const rows = await tx.tuples<[mark: number, start: string]>(
    `SELECT mark, start FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS given (request_id, attempt, mark)
    JOIN attempts USING (request_id, attempt, mark)`,
    ...[reserved.map(([, { start }]) => start.requestId), reserved.map(([, { start }]) => start.attempt)],
    reserved.map(([mark]) => mark),
  )
  return new Map(rows.flatMap(([mark, start]) => (marks.has(mark) ? [[marks.get(mark) as AttemptRow, JSON.parse(start)]] : [])))
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
    ...[rows.map(([, row]) => encodeStart(row)), rows.map(([mark]) => mark), boot],
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
    ...[rows.map(([, row]) => encodeEnd(row)), rows.map(([mark]) => mark)],
  )
}
