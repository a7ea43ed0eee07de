import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ClaimRow } from '../../src/contract/copy.ts'
import type { Store } from '../../src/contract/store.ts'
import { postgres } from '../support/postgres.ts'
import { entry, memory, NOON, someTenant, sqlite, type TestDatabase } from '../support/stores.ts'

// Idempotency keys as a store keeps them, whatever engine it stands on.

const brennan = someTenant('brennan')

const claimOf = (name: string, requestId: string, over: Partial<ClaimRow> = {}): ClaimRow => ({
  digest: createHash('sha256').update(name).digest(),
  tenant: brennan.id,
  asked: 'a1b2',
  requestId,
  until: NOON + 100,
  expiresAt: NOON + 1_000,
  ...over,
})

const running = (claim: ClaimRow) => ({ ...claim, state: 'running', copy: undefined })

describe.each([memory, sqlite, postgres])('claims in a store on $name', ({ create, missing, alone }) => {
  let database: TestDatabase
  let store: Store
  /** Another process's view of it, where there may be one. */
  let other: Store
  let clock = NOON

  beforeEach(async ({ skip }) => {
    skip(missing !== undefined, missing)
    clock = NOON
    database = await create(() => clock)
    store = await database.open()
    other = alone ? store : await database.open()
  })
  afterEach(() => database?.drop())

  it('are the first one’s, and whoever comes later is told what stands, in every process', async () => {
    const first = claimOf('a', 'req_1')
    expect(await store.claims.take(first)).toBeUndefined()
    expect(await other.claims.take(claimOf('a', 'req_2', { asked: 'ffff' }))).toEqual(running(first))
    await store.claims.keep(first, 'tg1:k:sealed')
    expect(await other.claims.take(claimOf('a', 'req_2'))).toEqual({ ...first, state: 'kept', copy: 'tg1:k:sealed' })
    expect(await other.claims.take(claimOf('b', 'req_2'))).toBeUndefined()
  })

  it('are one request’s, of many that come at once through two processes', async () => {
    const wanted = Array.from({ length: 40 }, (_, at) => claimOf('a', `req_${at}`))
    const found = await Promise.all(wanted.map((claim, at) => (at % 2 ? store : other).claims.take(claim)))
    const takers = wanted.filter((_, at) => found[at] === undefined)
    expect(takers).toHaveLength(1)
    expect(new Set(found.flatMap((standing) => standing?.requestId ?? []))).toEqual(new Set([takers[0]?.requestId]))
  })

  it('tell of an answer that was too large', async () => {
    const first = claimOf('a', 'req_1')
    await store.claims.take(first)
    await store.claims.keep(first, undefined)
    expect(await store.claims.take(claimOf('a', 'req_2'))).toEqual({ ...first, state: 'too large', copy: undefined })
  })

  it('are free again when they are released or have expired', async () => {
    const first = claimOf('a', 'req_1')
    await store.claims.take(first)
    await store.claims.release(first)
    const second = claimOf('a', 'req_2')
    expect(await store.claims.take(second)).toBeUndefined()
    await store.claims.keep(second, 'tg1:k:sealed')
    clock = NOON + 1_000
    const third = claimOf('a', 'req_3', { expiresAt: NOON + 9_000 })
    expect(await store.claims.take(third)).toBeUndefined()
    expect(await store.claims.take(claimOf('a', 'req_4'))).toEqual(running(third))
  })

  it('can be taken over while they run, once, and are then no longer the former one’s to end', async () => {
    const first = claimOf('a', 'req_1')
    const second = claimOf('a', 'req_2')
    await store.claims.take(first)
    expect(await other.claims.take(second, 'req_1')).toBeUndefined()
    expect(await store.claims.take(claimOf('a', 'req_3'), 'req_1')).toEqual(running(second))
    await store.claims.keep(first, 'late')
    await store.claims.release(first)
    await store.claims.renew([first], NOON + 900)
    expect(await store.claims.take(claimOf('a', 'req_3'))).toEqual(running(second))
    await other.claims.keep(second, 'sealed')
    expect(await store.claims.take(claimOf('a', 'req_3'), 'req_2')).toMatchObject({ state: 'kept', requestId: 'req_2' })
  })

  it('live as long as their process says', async () => {
    const [a, b] = [claimOf('a', 'req_1'), claimOf('b', 'req_2')]
    await store.claims.take(a)
    await store.claims.take(b)
    await store.claims.renew([a, b], NOON + 500)
    expect(await other.claims.take(claimOf('a', 'req_3'))).toEqual(running({ ...a, until: NOON + 500 }))
    expect(await other.claims.take(claimOf('b', 'req_3'))).toEqual(running({ ...b, until: NOON + 500 }))
  })

  it('are swept away when they have expired, and go with their tenant', async () => {
    await store.tenants.create(brennan, entry('tenant.create'))
    await store.claims.take(claimOf('a', 'req_1'))
    await store.claims.take(claimOf('b', 'req_2', { expiresAt: NOON + 9_000 }))
    expect(await store.claims.sweep()).toBe(0)
    clock = NOON + 1_000
    expect([await other.claims.sweep(), await store.claims.sweep()]).toEqual([1, 0])
    await store.tenants.delete(brennan.id, entry('tenant.delete'))
    expect(await store.claims.take(claimOf('b', 'req_3'))).toBeUndefined()
  })
})
