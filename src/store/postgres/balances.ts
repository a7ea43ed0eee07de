import type { TenantId } from '../../contract/ids.ts'
import type { AttemptRow } from '../../contract/ledger.ts'
import type { Balance, KeptBalance, Source } from '../../contract/meter.ts'
import type { LedgerStore } from '../../contract/store.ts'
import { BalanceSheet, type Wanted, wantedBy } from '../rows/balances.ts'
import { hourOf } from '../rows/sums.ts'
import type { Queries } from './database.ts'

/** Locks what a batch touches, so that whoever is let in is let in by one transaction at a time; what stands nowhere yet begins. */
export async function openBalances(tx: Queries, rows: readonly AttemptRow[]): Promise<BalanceSheet> {
  const sheet = new BalanceSheet()
  const wanted = await settled(tx, wantedBy(rows))
  if (wanted.length === 0) return sheet
  let stand = await locked(tx, wanted)
  if (
    stand.size < wanted.length &&
    (await begin(
      tx,
      wanted.filter(({ opens }, at) => opens && !stand.has(at)),
    ))
  )
    stand = await locked(tx, wanted)
  for (const [at, { source }] of wanted.entries()) {
    const stands = stand.get(at)
    if (stands) sheet.load(source, { ...stands, isNew: false })
  }
  return sheet
}

export async function closeBalances(tx: Queries, sheet: BalanceSheet): Promise<void> {
  const changed = sheet.changed()
  if (changed.length === 0) return
  await tx.run(
    `UPDATE balances SET held = given.held, spent = given.spent
    FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[]) AS given (tenant_id, meter, subject, since, held, spent)
    WHERE (balances.tenant_id, balances.meter, balances.subject, balances.since) = (given.tenant_id, given.meter, given.subject, given.since)`,
    ...placesOf(changed.map(({ source, since }) => ({ ...source, since }))),
    ...[changed.map(({ held }) => held), changed.map(({ spent }) => spent)],
  )
}

/** Windows that begin with their first use: the one that runs, where there is one. Only one process at a time may begin it. */
async function settled(tx: Queries, wanted: readonly Wanted[]): Promise<readonly Wanted[]> {
  const rolling = wanted.filter(({ source }) => source.rolls)
  if (rolling.length === 0) return wanted
  for (const { source } of rolling) {
    const place = JSON.stringify([source.owner, source.meter, source.subject])
    await tx.run("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' balances ' || $1, 0))", place)
  }
  const since = await runningSince(
    tx,
    rolling.map(({ source }) => source),
  )
  return wanted.map((one) => {
    const began = since.get(one.source)
    return began === undefined ? one : { ...one, source: { ...one.source, since: began } }
  })
}

async function runningSince(tx: Queries, sources: readonly Source[]): Promise<ReadonlyMap<Source, number>> {
  const rows = await tx.rows<{ at: number; since: number }>(
    `SELECT at - 1 AS at, max(balances.since) AS since
    FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) WITH ORDINALITY AS given (tenant_id, meter, subject, now, at)
    JOIN balances USING (tenant_id, meter, subject) WHERE balances.until > given.now GROUP BY at`,
    ...placesOf(sources),
  )
  return new Map(rows.flatMap(({ at, since }) => (sources[at] ? [[sources[at], since] as const] : [])))
}

type Figures = Pick<Balance, 'since' | 'held' | 'spent'>

/** By place in the list. Rows are locked in its order, which is every process's. */
async function locked(tx: Queries, wanted: readonly Wanted[], lock = 'FOR UPDATE OF balances'): Promise<ReadonlyMap<number, Figures>> {
  const rows = await tx.rows<Figures & { at: number }>(
    `SELECT at - 1 AS at, since, held, spent
    FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) WITH ORDINALITY AS given (tenant_id, meter, subject, since, at)
    JOIN balances USING (tenant_id, meter, subject, since) ORDER BY at ${lock}`,
    ...placesOf(wanted.map(({ source }) => source)),
  )
  return new Map(rows.map(({ at, ...figures }) => [at, figures]))
}

/** False where there was nothing to begin. */
async function begin(tx: Queries, missing: readonly Wanted[]): Promise<boolean> {
  const sources = missing.map(({ source }) => source)
  if (sources.length === 0) return false
  await tx.run(
    `INSERT INTO balances (tenant_id, meter, subject, since, until, held, spent, seeded)
    SELECT tenant_id, meter, subject, since, until, 0, before, before
    FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[])
      AS given (tenant_id, meter, subject, since, until, from_hour),
      LATERAL (SELECT coalesce(sum(cost), 0) AS before FROM sums
        WHERE sums.tenant_id = given.tenant_id AND hour >= from_hour AND source = 'platform') AS spent
    ON CONFLICT DO NOTHING`,
    ...[...placesOf(sources), sources.map(({ until }) => until), sources.map(seedHour)],
  )
  return true
}

/** No hour is later than this one, where nothing is to be begun with. */
const seedHour = ({ seeded, since }: Source): number => (seeded ? hourOf(since) : Number.MAX_SAFE_INTEGER)

function placesOf(sources: readonly Pick<Source, 'owner' | 'meter' | 'subject' | 'since'>[]): readonly unknown[][] {
  return [
    ...[sources.map(({ owner }) => owner), sources.map(({ meter }) => meter)],
    ...[sources.map(({ subject }) => subject), sources.map(({ since }) => since)],
  ]
}

export function balanceReader(db: Queries): Pick<LedgerStore, 'standing' | 'balances' | 'forgetBalances'> {
  return {
    async standing(sources) {
      if (sources.length === 0) return []
      const began = await runningSince(
        db,
        sources.filter(({ rolls }) => rolls),
      )
      const wanted = sources.map((source) => ({ source: { ...source, since: began.get(source) ?? source.since }, opens: true }))
      const stand = await locked(db, wanted, '')
      return Promise.all(
        wanted.map(async ({ source }, at) => {
          const { owner, meter, subject, since } = source
          return { owner, meter, subject, since, ...(stand.get(at) ?? { held: 0, spent: await spentBefore(db, source) }) }
        }),
      )
    },
    async balances(since) {
      const text = 'SELECT tenant_id AS owner, meter, subject, since, held, spent, seeded FROM balances WHERE since >= $1'
      // What stands there was written from such an id.
      return (await db.rows<Omit<KeptBalance, 'owner'> & { owner: string }>(text, since)).map((row) => ({
        ...row,
        owner: row.owner as TenantId | '',
      }))
    },
    async forgetBalances(until) {
      await db.run('DELETE FROM balances WHERE held = 0 AND until <= $1', until)
    },
  }
}

async function spentBefore(db: Queries, source: Source): Promise<number> {
  if (!source.seeded) return 0
  const text = "SELECT coalesce(sum(cost), 0)::bigint FROM sums WHERE tenant_id = $1 AND hour >= $2 AND source = 'platform'"
  const [row] = await db.tuples<[number]>(text, source.owner, hourOf(source.since))
  return row?.[0] ?? 0
}
