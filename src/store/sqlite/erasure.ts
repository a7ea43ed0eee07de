import { setImmediate as breath } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
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
import { whenFree } from './connection.ts'
import type { Desk } from './mutation.ts'

/** Books first, a page at a time, for they are long; then all else at once. Broken off, it is begun anew: the tenant is still there. */
export function eraser({ db, mutate }: Desk): TenantStore['erase'] {
  const forgetPage = pageForgetter(db)
  const forgetSome = db.transaction(forgetPage)
  const forgetRest = restForgetter(db)

  return async (id, entry) => {
    let gone: Gone = { last: 0, attempts: 0, ends: 0 }
    for (let more = true; more; await breath()) {
      const next = { ...gone }
      more = await whenFree(() => forgetSome.immediate(id, next))
      gone = next
    }
    let receipt: readonly ErasedRows[] = []
    await mutate(entry, () => {
      const all = { ...gone }
      while (forgetPage(id, all));
      receipt = forgetRest(id, all)
    })
    return receipt
  }
}

/** Takes people out of the next attempts; false where there are no more. */
function pageForgetter(db: Database): (id: TenantId, gone: Gone) => boolean {
  const page = db
    .prepare<[string, number, number], ErasedAttempt>(`
      SELECT seq, start, state IS NOT NULL FROM attempts LEFT JOIN ends USING (seq) WHERE tenant_id = ? AND seq > ? ORDER BY seq LIMIT ?`)
    .raw()
  const rewrite = db.prepare<[string, number]>('UPDATE attempts SET start = ? WHERE seq = ?')

  return (id, gone) => {
    const rows = page.all(id, gone.last, PAGE)
    for (const [seq, start] of rows) {
      const left = withoutPeople(start)
      if (left !== undefined) rewrite.run(left, seq)
    }
    addPage(gone, rows)
    return rows.length > 0
  }
}

function restForgetter(db: Database): (id: TenantId, gone: Gone) => readonly ErasedRows[] {
  const forgetActor = db.prepare(`
    UPDATE audit SET actor = 'tenant' WHERE tenant_id = @id AND actor IN (SELECT name || ' (' || id || ')' FROM gateway_keys WHERE tenant_id = @id)`)
  const forgetName = db.prepare(`
    UPDATE audit SET detail = '{}', object = CASE object WHEN (SELECT slug FROM tenants WHERE id = @id) THEN @id ELSE object END WHERE tenant_id = @id`)
  const going = GOING.map(([table, column]) => {
    const dataKey = table === 'vault' ? " AND kind = 'data-key'" : ''
    return [table, db.prepare<[string]>(`DELETE FROM ${table} WHERE ${column} = ?${dataKey}`)] as const
  })
  const staying = STAYING.map((table) => {
    return [table, db.prepare<[string], number>(`SELECT count(*) FROM ${table} WHERE tenant_id = ?`).pluck()] as const
  })

  return (id, gone) => {
    forgetActor.run({ id })
    const audit = pseudonymised('audit', forgetName.run({ id }).changes)
    const rows = going.map(([table, remove]) => removed(table, remove.run(id).changes))
    if (rows.at(-1)?.removed === 0) throw noSuchTenant(id)
    const figures = staying.map(([table, count]) => kept(table, count.get(id) ?? 0))
    return [...rows.toReversed(), audit, pseudonymised('attempts', gone.attempts), kept('ends', gone.ends), ...figures]
  }
}
