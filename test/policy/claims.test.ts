import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Claim, Copy } from '../../src/contract/copy.ts'
import { tenantId } from '../../src/contract/ids.ts'
import type { Store } from '../../src/contract/store.ts'
import { type ClaimDesk, createClaims } from '../../src/policy/claims.ts'
import { newMasterKey, parseMasterKeys } from '../../src/policy/sealing/master-keys.ts'
import { openVault } from '../../src/policy/sealing/vault.ts'
import { ended, NOON, reserved, someOutcome, someStart, sqliteDatabase, type TestDatabase } from '../support/stores.ts'

const DAY = 24 * 60 * 60 * 1000
const ada = tenantId('tn_ada')
const master = parseMasterKeys(newMasterKey(randomBytes, 'k1'))

describe('idempotency keys', () => {
  let database: TestDatabase
  let store: Store
  let clock = NOON
  const now = () => clock

  beforeEach(async () => {
    clock = NOON
    database = await sqliteDatabase(now)
    store = await database.open()
  })
  afterEach(() => database.drop())

  /** One process of several over one database. */
  async function process(): Promise<ClaimDesk> {
    const settings = { plaintext: 'accept' as const, openers: [] }
    const vault = await openVault({ store: store.vault, master, random: randomBytes, settings })
    return createClaims({ store: store.claims, books: store.ledger, content: vault.content, now })
  }

  const wanted = (requestId: string, asked = 'a1b2') => ({ tenant: ada, key: 'k', asked, requestId })
  const copyOf = (requestId: string): Copy => ({
    requestId,
    status: 200,
    headers: { 'content-type': 'application/json' },
    pieces: [Buffer.from('{"a":'), Buffer.from([0, 255, 10]), Buffer.alloc(0)],
  })

  const taken = async (desk: ClaimDesk, requestId: string): Promise<Claim> => {
    const found = await desk.take(wanted(requestId))
    if ('answered' in found) return found
    throw new Error(`The key was answered by request ${found.requestId} already.`)
  }
  const refusal = (desk: ClaimDesk, requestId: string) => desk.take(wanted(requestId)).catch(({ code }) => code)

  it('are told the same bytes by another process, one that never knew the tenant before, for a day', async () => {
    const [one, other] = [await process(), await process()]
    await (await taken(one, 'req_1')).answered(copyOf('req_1'))
    expect(await other.take(wanted('req_2'))).toEqual(copyOf('req_1'))
    clock = NOON + DAY
    expect(await other.take(wanted('req_3'))).toHaveProperty('answered')
  })

  it('are held by a process that says it is alive, and lost with one that does not', async () => {
    const [alive, other] = [await process(), await process()]
    await taken(alive, 'req_1')
    await store.ledger.write([reserved(someStart('req_1', { tenant: ada }))])
    clock += 29_000
    await alive.renew()
    clock += 29_000
    expect(await refusal(other, 'req_2')).toBe('request_in_progress')
    clock += 1_000
    expect(await refusal(other, 'req_2')).toBe('answer_not_kept')
  })

  it('of a dead process are taken over, by one only, where the books say that nothing was done', async () => {
    await taken(await process(), 'req_1')
    const outcome = someOutcome({ state: 'released' })
    const start = someStart('req_1', { tenant: ada })
    await store.ledger.write([reserved(start), ended(start, { outcome, cost: 0, charge: 0, lines: [] })])
    clock += 30_000
    const found = await Promise.all(
      ['req_2', 'req_3', 'req_4'].map(async (id) => (await process()).take(wanted(id)).catch(({ code }) => code)),
    )
    expect(found.filter((one) => one === 'request_in_progress')).toHaveLength(2)
  })

  it('are free again when their request failed and nothing was done, and kept when something was', async () => {
    const desk = await process()
    await (await taken(desk, 'req_1')).failed(copyOf('req_1'))
    const second = await taken(desk, 'req_2')
    const start = someStart('req_2', { tenant: ada })
    await store.ledger.write([reserved(start), ended(start, { outcome: someOutcome({ state: 'estimated' }) })])
    await second.failed(copyOf('req_2'))
    expect(await desk.take(wanted('req_3'))).toEqual(copyOf('req_2'))
  })

  it('whose end could not be written are judged by the books, and no longer renewed', async () => {
    const desk = await process()
    const claim = await taken(desk, 'req_1')
    await store.ledger.write([reserved(someStart('req_1', { tenant: ada }))])
    await database.sql('ALTER TABLE claims RENAME TO elsewhere')
    await expect(claim.answered(copyOf('req_1'))).rejects.toThrow('no such table')
    await database.sql('ALTER TABLE elsewhere RENAME TO claims')
    clock += 20_000
    await desk.renew()
    clock += 10_000
    expect(await refusal(desk, 'req_2')).toBe('answer_not_kept')
  })

  it('tell nothing once what seals their answers was destroyed', async () => {
    const desk = await process()
    await (await taken(desk, 'req_1')).answered(copyOf('req_1'))
    await database.sql("DELETE FROM vault WHERE kind = 'data-key'")
    expect(await refusal(await process(), 'req_2')).toBe('answer_not_kept')
  })

  it('are swept away after their day', async () => {
    const desk = await process()
    await (await taken(desk, 'req_1')).answered(copyOf('req_1'))
    clock = NOON + DAY
    await desk.sweep()
    expect(await store.claims.sweep()).toBe(0)
  })
})
