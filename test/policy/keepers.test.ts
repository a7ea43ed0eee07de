import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { tenantId } from '../../src/contract/ids.ts'
import type { Store } from '../../src/contract/store.ts'
import { createKeepers } from '../../src/policy/keepers.ts'
import { NOON, sqliteDatabase, type TestDatabase } from '../support/stores.ts'

const DAY = 24 * 60 * 60 * 1000
const [ada, bob] = [tenantId('tn_ada'), tenantId('tn_bob')]
const keeper = { tenant: ada, provider: 'openai', wireModel: 'gpt-5', source: 'platform' as const, fingerprint: undefined }

describe('who keeps an answer', () => {
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

  it('is known at once, and to the next process when it was written', async () => {
    const keepers = createKeepers({ store: store.keepers, now })
    const written = keepers.remember('resp_1', keeper)
    expect(await keepers.find('resp_1', ada)).toMatchObject(keeper)
    await written
    expect(await createKeepers({ store: store.keepers, now }).find('resp_1', ada)).toMatchObject(keeper)
  })

  it('is known to its tenant alone, from memory and from the store', async () => {
    const keepers = createKeepers({ store: store.keepers, now })
    await keepers.remember('resp_1', keeper)
    for (const one of [keepers, createKeepers({ store: store.keepers, now })]) {
      expect(await one.find('resp_1', bob)).toBeUndefined()
      expect(await one.find('resp_2', ada)).toBeUndefined()
    }
  })

  it('is known for thirty days', async () => {
    const keepers = createKeepers({ store: store.keepers, now })
    await keepers.remember('resp_1', keeper)
    clock = NOON + 30 * DAY - 1
    expect(await keepers.find('resp_1', ada)).toBeDefined()
    clock = NOON + 30 * DAY
    expect(await keepers.find('resp_1', ada)).toBeUndefined()
  })

  it('is written with all that were remembered in the same turn, and none is lost where memory is full', async () => {
    const keepers = createKeepers({ store: store.keepers, now })
    await Promise.all(Array.from({ length: 2_500 }, (_, at) => keepers.remember(`resp_${at}`, keeper)))
    for (const at of [0, 1, 2_499]) expect(await keepers.find(`resp_${at}`, ada), `resp_${at}`).toMatchObject(keeper)
  })
})
