import { afterEach, describe, expect, it } from 'vitest'
import type { AttemptRow } from '../../src/contract/ledger.ts'
import type { LedgerStore, UsageSum } from '../../src/contract/store.ts'
import { verifyBooks } from '../../src/ledger/verify.ts'
import { ended, NOON, reserved, someOutcome, someStart, sqliteDatabase, type TestDatabase } from '../support/stores.ts'

const databases: TestDatabase[] = []
afterEach(async () => {
  for (const database of databases.splice(0)) await database.drop()
})

const HOUR = 3_600_000
const released = () => ended(someStart('free'), { outcome: someOutcome({ state: 'released' }), lines: [], cost: 0, charge: 0 })

/** Books on a real store: opened, then ended. */
async function booksWith(rows: readonly AttemptRow[]) {
  const database = await sqliteDatabase(() => NOON)
  databases.push(database)
  const { ledger } = await database.open()
  await ledger.write(rows.map(({ start }) => reserved(start)))
  await ledger.write(rows.filter(({ state }) => state !== 'reserved'))
  return { ledger, sql: database.sql, verify: () => verifyBooks(ledger, NOON + HOUR) }
}

describe('books', () => {
  it('add up over pages, models, payers and states', async () => {
    const many = Array.from({ length: 1_100 }, (_, at) =>
      ended(someStart(`r${at}`, { wireModel: `m${at % 3}`, at: NOON - (at % 50) * HOUR })),
    )
    const unpriced = ended(someStart('unpriced', { price: undefined }), { lines: [], cost: null, charge: null })
    const own = ended(someStart('own', { source: 'tenant' }), { charge: 0 })
    const { verify } = await booksWith([...many, unpriced, own, released(), reserved(someStart('open'))])
    expect(await verify()).toEqual({ attempts: 1_104, states: { settled: 1_102, released: 1, reserved: 1 }, wrong: [] })
  })

  it('that were written over tell what each says', async () => {
    const { verify, sql } = await booksWith([
      ended(someStart('r1')),
      ended(someStart('r2', { source: 'tenant' }), { charge: 0 }),
      released(),
    ])
    await sql(
      'UPDATE ends SET cost = 120501 WHERE seq = 1; UPDATE ends SET charge = 7 WHERE seq = 2; UPDATE ends SET cost = 3 WHERE seq = 3',
    )
    const { wrong } = await verify()
    expect(wrong).toContain('Attempt 1 of request r1 costs 0.000120501 USD, and its lines add up to 0.0001205.')
    expect(wrong).toContain('Attempt 1 of request r2 is charged 0.000000007 USD, and what it cost and its meters say 0 USD.')
    expect(wrong).toContain('Attempt 1 of request free was released, and is not free.')
    expect(wrong.filter((words) => words.startsWith('The sum of'))).toHaveLength(2)
  })

  it('that lost a row tell which total it is missing from', async () => {
    const { verify, sql } = await booksWith([ended(someStart('r1')), ended(someStart('r2'))])
    await sql('DELETE FROM ends WHERE seq = 2')
    expect((await verify()).wrong).toEqual([
      'The sum of 2026-08-01 tn_brennan acme/acme-large-1 platform says 2 attempts, cost 0.000241, charge 0.000241, 0 unpriced, and its rows say 1 attempts, cost 0.0001205, charge 0.0001205, 0 unpriced.',
    ])
  })

  it('that move while they are read are read again', async () => {
    const { ledger } = await booksWith([ended(someStart('r1'))])
    let readings = 0
    const moving: LedgerStore = {
      ...ledger,
      usage: async (query): Promise<readonly UsageSum[]> => (readings++ === 0 ? [] : ledger.usage(query)),
    }
    expect({ wrong: (await verifyBooks(moving, NOON + HOUR)).wrong, readings }).toEqual({ wrong: [], readings: 2 })
  })
})
