import type { ErasedRows } from '../../contract/erasure.ts'
import type { TenantId } from '../../contract/ids.ts'
import type { TenantStore } from '../../contract/store.ts'
import {
  addPage,
  type ErasedAttempt,
  GOING,
  type Gone,
  kept,
  PAGE,
  pseudonymised,
  removed,
  STAYING,
  withoutPeople,
} from '../rows/erasure.ts'
import { noSuchTenant } from '../rows/tenants.ts'
import type { Queries } from './database.ts'
import type { Desk } from './desk.ts'
import { calledAs, type Sources } from './sources.ts'

/** Books first, a page at a time, for they are long; then all else at once. Broken off, it is begun anew: the tenant is still there. */
export function eraser({ db, mutate, sources }: Desk): TenantStore['erase'] {
  return async (id, entry) => {
    let gone: Gone = { last: 0, attempts: 0, ends: 0 }
    for (let more = true; more; ) {
      const next = { ...gone }
      more = await forgetPage(db.of(id), id, next)
      gone = next
    }
    let receipt: readonly ErasedRows[] = []
    await mutate(entry, async (tx) => {
      receipt = [...(await forgetAll({ tx, id, gone: { ...gone }, sources })), ...(await staysElsewhere(tx, sources, id))]
    })
    return receipt
  }
}

/** False where there is no more. */
async function forgetPage(db: Queries, id: TenantId, gone: Gone): Promise<boolean> {
  const rows = await db.tuples<ErasedAttempt>(
    `SELECT seq, start, state IS NOT NULL FROM attempts LEFT JOIN ends USING (seq) WHERE tenant_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
    ...[id, gone.last, PAGE],
  )
  const left = rows.flatMap(([seq, start]) => {
    const text = withoutPeople(start)
    return text === undefined ? [] : [{ seq, text }]
  })
  await db.run(
    'UPDATE attempts SET start = given.start FROM unnest($1::bigint[], $2::text[]) AS given (seq, start) WHERE attempts.seq = given.seq',
    ...[left.map(({ seq }) => seq), left.map(({ text }) => text)],
  )
  addPage(gone, rows)
  return rows.length > 0
}

/** What another program holds of it is not ours to delete. */
async function staysElsewhere(tx: Queries, { foreign, tenants, settings }: Sources, id: TenantId): Promise<readonly ErasedRows[]> {
  const places = [
    [foreign.tenants, `${tenants} WHERE id = $1`],
    [foreign.settings, `${settings} WHERE tenant_id = $1`],
  ] as const
  const rows: ErasedRows[] = []
  for (const [table, from] of places) {
    if (!table) continue
    const [[count] = [0]] = await tx.tuples<[number]>(`SELECT count(*) FROM ${from}`, id)
    rows.push(kept(calledAs(table), count))
  }
  return rows
}

interface Forgetting {
  readonly tx: Queries
  readonly id: TenantId
  readonly gone: Gone
  readonly sources: Sources
}

async function forgetAll({ tx, id, gone, sources }: Forgetting): Promise<readonly ErasedRows[]> {
  const [known] = await tx.rows<{ slug: string }>(`SELECT slug FROM ${sources.tenants} WHERE id = $1`, id)
  if (!known) throw noSuchTenant(id)
  while (await forgetPage(tx, id, gone));
  await tx.run(
    `UPDATE audit SET actor = 'tenant' WHERE tenant_id = $1
    AND actor IN (SELECT name || ' (' || id || ')' FROM gateway_keys WHERE tenant_id = $1)`,
    id,
  )
  const named = await tx.run(
    `UPDATE audit SET detail = '{}', object = CASE object WHEN $2 THEN $1 ELSE object END WHERE tenant_id = $1`,
    ...[id, known.slug],
  )
  const rows: ErasedRows[] = []
  for (const [table, column] of GOING) {
    const dataKey = table === 'vault' ? " AND kind = 'data-key'" : ''
    rows.push(removed(table, await tx.run(`DELETE FROM ${table} WHERE ${column} = $1${dataKey}`, id)))
  }
  const figures: ErasedRows[] = []
  for (const table of STAYING) {
    const [[count] = [0]] = await tx.tuples<[number]>(`SELECT count(*) FROM ${table} WHERE tenant_id = $1`, id)
    figures.push(kept(table, count))
  }
  return [
    ...rows.toReversed(),
    pseudonymised('audit', named),
    pseudonymised('attempts', gone.attempts),
    kept('ends', gone.ends),
    ...figures,
  ]
}
