import type { Asked } from '../../contract/asked.ts'
import type { AskStore } from '../../contract/store.ts'
import { ASK_COLUMNS, type AskRow, decodeAsked, figuresOf, KEPT_DAYS, MOST_SHAPES, shapeText } from '../rows/asks.ts'
import type { Database, Queries } from './database.ts'

const ADD = `
  INSERT INTO asks AS had (tenant_id, day, shape, ${ASK_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
  ON CONFLICT (tenant_id, day, shape) DO UPDATE SET asked = had.asked + excluded.asked, refused = had.refused + excluded.refused,
    answered = had.answered + excluded.answered, input = had.input + excluded.input, output = had.output + excluded.output,
    cache_read = had.cache_read + excluded.cache_read, cache_write = had.cache_write + excluded.cache_write,
    reasoning = had.reasoning + excluded.reasoning, least_tokens = greatest(had.least_tokens, excluded.least_tokens),
    input_tokens = greatest(had.input_tokens, excluded.input_tokens)`

export function askStore(db: Database): AskStore {
  return {
    add: (counted) =>
      db.transaction(async (tx) => {
        // In one order, so that two processes never wait for each other's rows.
        for (const one of [...counted].sort(byPlace)) await add(tx, one)
      }),
    async since(day) {
      const text = `SELECT tenant_id, day, shape, ${ASK_COLUMNS} FROM asks WHERE day >= $1 ORDER BY tenant_id, day, shape`
      return (await db.tuples<AskRow>(text, day)).map(decodeAsked)
    },
  }
}

async function add(tx: Queries, one: Asked): Promise<void> {
  const shape = shapeText(one)
  const [[count, known] = [0, false]] = await tx.tuples<[count: number, known: boolean]>(
    'SELECT count(*), coalesce(bool_or(shape = $3), false) FROM asks WHERE tenant_id = $1 AND day = $2',
    ...[one.tenant, one.day, shape],
  )
  // The first ask of a tenant's day lets its oldest go: nobody's stream waits for a sweep of them all.
  if (count === 0) await tx.run('DELETE FROM asks WHERE tenant_id = $1 AND day < $2', one.tenant, one.day - KEPT_DAYS)
  await tx.run(ADD, one.tenant, one.day, known || count < MOST_SHAPES ? shape : '', ...figuresOf(one))
}

const placeOf = (one: Asked): string => `${one.tenant}\n${one.day}\n${shapeText(one)}`

function byPlace(one: Asked, other: Asked): number {
  return placeOf(one) < placeOf(other) ? -1 : 1
}
