import type { Database } from 'better-sqlite3'
import type { Asked } from '../../contract/asked.ts'
import type { AskStore } from '../../contract/store.ts'
import { ASK_COLUMNS, type AskRow, decodeAsked, figuresOf, KEPT_DAYS, MOST_SHAPES, shapeText } from '../rows/asks.ts'
import { whenFree } from './connection.ts'

export function askStore(db: Database): AskStore {
  const known = db.prepare('SELECT 1 FROM asks WHERE tenant_id = ? AND day = ? AND shape = ?')
  const shapes = db.prepare<[string, number], number>('SELECT count(*) FROM asks WHERE tenant_id = ? AND day = ?').pluck()
  const add = db.prepare<AskRow>(`
    INSERT INTO asks (tenant_id, day, shape, ${ASK_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET asked = asked + excluded.asked, refused = refused + excluded.refused, answered = answered + excluded.answered,
      input = input + excluded.input, output = output + excluded.output, cache_read = cache_read + excluded.cache_read,
      cache_write = cache_write + excluded.cache_write, reasoning = reasoning + excluded.reasoning,
      least_tokens = max(least_tokens, excluded.least_tokens), input_tokens = max(input_tokens, excluded.input_tokens)`)
  const forget = db.prepare('DELETE FROM asks WHERE tenant_id = ? AND day < ?')
  const since = db
    .prepare<[number], AskRow>(`SELECT tenant_id, day, shape, ${ASK_COLUMNS} FROM asks WHERE day >= ? ORDER BY tenant_id, day, shape`)
    .raw()

  const addAll = db.transaction((counted: readonly Asked[]) => {
    const had = new Map<string, number>()
    for (const one of counted) {
      const shape = shapeText(one)
      const [of, isKnown] = [`${one.day} ${one.tenant}`, known.get(one.tenant, one.day, shape) !== undefined]
      const count = had.get(of) ?? shapes.get(one.tenant, one.day) ?? 0
      had.set(of, isKnown ? count : count + 1)
      // The first ask of a tenant's day lets its oldest go: nobody's stream waits for a sweep of them all.
      if (!isKnown && count === 0) forget.run(one.tenant, one.day - KEPT_DAYS)
      add.run(one.tenant, one.day, isKnown || count < MOST_SHAPES ? shape : '', ...figuresOf(one))
    }
  })

  return {
    add: (counted) => whenFree(() => addAll.immediate(counted)),
    since: async (day) => since.all(day).map(decodeAsked),
  }
}
