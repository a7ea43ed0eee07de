import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Billed, Claim } from '../../src/contract/billing.ts'
import type { AttemptRow, AttemptStart, Outcome } from '../../src/contract/ledger.ts'
import type { Cause, Reconciliation } from '../../src/contract/reconciliation.ts'
import { priceAttempt } from '../../src/ledger/cost.ts'
import { createReconciler } from '../../src/ledger/reconcile.ts'
import { NOON, someOutcome, someStart } from '../support/stores.ts'

const SEED = Number(process.env['TOLLGATE_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const HOUR = 3_600_000
const PRICE = { input: 250_000, output: 2_000_000, cacheRead: 25_000, snapshot: '0123456789ab' }

/** 1,000 tokens in, of which 400 are cached, and 100 out: 0.15, 0.01 and 0.2 thousandths of a dollar. */
const USAGE = { input: 1_000, cacheRead: 400, output: 100 }
const INPUT = 150_000_000n
const CACHED = 10_000_000n
const OUTPUT = 200_000_000n

const attempt = (over: Partial<AttemptStart> = {}, out: Partial<Outcome> = {}): AttemptRow => {
  const start = someStart('r', { price: PRICE, wireModel: 'm', maxOutput: 500, ...over })
  const outcome = someOutcome({ usage: USAGE, ...out })
  return { ...priceAttempt(start, outcome), start, state: outcome.state, outcome }
}
const claim = (what: Billed, amount: bigint | undefined, over: Partial<Claim> = {}): Claim => ({
  ...{ day: '2026-08-01', model: 'm', what, tier: '', amount, quantity: undefined, requests: undefined, accounts: [], grain: 1n },
  ...over,
})
/** What the attempt above is billed when all is well. */
const fair = [claim('input', INPUT), claim('cacheRead', CACHED), claim('output', OUTPUT)]

const reconciled = (claims: readonly Claim[], rows: readonly AttemptRow[], own: readonly string[] = []): Reconciliation => {
  const reconciler = createReconciler({ claims, from: '2026-08-01', to: '2026-09-01', canonical: (model) => model, own })
  for (const row of rows) reconciler.add(row)
  return reconciler.result()
}
const causes = ({ explained }: Reconciliation) => explained.map(({ cause, amount }): [Cause, bigint] => [cause, amount])

describe('an account and the books', () => {
  it('that agree have nothing to explain', () => {
    const again = attempt({ cached: { from: 'r', saved: 360_000 } })
    expect(reconciled(fair, [attempt(), again])).toMatchObject({
      attempts: 1,
      billed: 360_000_000n,
      booked: 360_000_000n,
      explained: [],
      unexplained: [],
    })
  })

  const twice = fair.map((one) => ({ ...one, amount: 2n * (one.amount ?? 0n), requests: one.what === 'output' ? 2 : 0 }))
  const flex = fair.map((one) => ({ ...one, tier: 'flex', amount: (one.amount ?? 0n) / 2n }))
  const coarse = fair.map((one) => ({ ...one, amount: (one.amount ?? 0n) + 3n, grain: 10n }))
  const cachedDearer = [
    claim('input', INPUT, { quantity: 600 }),
    claim('cacheRead', 12_000_000n, { quantity: 400 }),
    claim('output', OUTPUT),
  ]
  const dearer = [claim('input', INPUT), claim('cacheRead', CACHED), claim('output', 300_000_000n, { quantity: 100 })]
  const cut = { state: 'estimated', usage: { output: 100 } } as const
  const unseen = attempt({ inputTokens: 0 }, cut)
  const left = attempt({ inputTokens: 0 }, { ...cut, code: 'client_closed_request' })

  it.each<{ by: Cause; amount: bigint; claims: readonly Claim[]; row?: AttemptRow }>([
    { by: 'outside', amount: 7n, claims: [...fair, claim('output', 7n, { model: 'other', accounts: ['key_1'] })] },
    { by: 'outside', amount: 360_000_000n, claims: twice },
    { by: 'server_side_tools', amount: 5n, claims: [...fair, claim('tool', 5n, { model: undefined })] },
    { by: 'cached_rate', amount: 90_000_000n, claims: [claim('input', 250_000_000n), claim('output', OUTPUT)] },
    { by: 'cached_rate', amount: 2_000_000n, claims: cachedDearer },
    { by: 'service_tier', amount: -180_000_000n, claims: flex },
    { by: 'price', amount: 100_000_000n, claims: dearer },
    { by: 'unpriced', amount: 360_000_000n, claims: fair, row: attempt({ price: undefined }) },
    { by: 'drained', amount: 100_000_000n, claims: [claim('output', 300_000_000n)], row: left },
    { by: 'estimated', amount: -50_000_000n, claims: [claim('output', 150_000_000n)], row: unseen },
    { by: 'rounding', amount: 9n, claims: coarse },
  ])('differ by $by', ({ by, amount, claims, row = attempt() }) => {
    const found = reconciled(claims, [row])
    expect([causes(found), found.unexplained]).toEqual([[[by, amount]], []])
  })

  it('are a day apart where an attempt ended after midnight', () => {
    const late = attempt({ at: NOON + 12 * HOUR - 1_000 }, { timings: { total: 5_000 } })
    const next = fair.map((one) => ({ ...one, day: '2026-08-02' }))
    expect(reconciled(next, [late])).toMatchObject({ unexplained: [], explained: [{ cause: 'time_zone', amount: 0n, days: 2 }] })
    const before = attempt({ at: NOON - 12 * HOUR - 1_000 }, { timings: { total: 5_000 } })
    expect(causes(reconciled(fair, [before]))).toEqual([['time_zone', 360_000_000n]])
    expect(reconciled(fair, [before])).toMatchObject({ booked: 0n, unexplained: [] })
  })

  it('name the keys and projects of others', () => {
    const theirs = fair.map((one) => ({ ...one, accounts: ['key_leaked', 'proj_else'] }))
    const ours = fair.map((one) => ({ ...one, accounts: ['key_gateway', 'proj_gateway'] }))
    const { explained, unexplained } = reconciled([...ours, ...theirs], [attempt()], ['proj_gateway'])
    expect([explained, unexplained]).toEqual([
      [{ cause: 'outside', model: 'm', amount: 360_000_000n, days: 1, accounts: ['key_leaked', 'proj_else'] }],
      [],
    ])
  })

  it('leave what nothing explains as it is, by day and model', () => {
    expect(reconciled([claim('output', OUTPUT + 1n)], [attempt({}, { usage: { input: 0, output: 100 } })]).unexplained).toEqual([
      { day: '2026-08-01', model: 'm', billed: OUTPUT + 1n, booked: OUTPUT, amount: 1n },
    ])
    expect(reconciled([claim('output', 1n, { model: 'other' })], [attempt()]).unexplained).toMatchObject([
      { model: 'm', billed: 0n, amount: -360_000_000n },
    ])
  })

  it('are set against each other by what we booked, where the account only counts', () => {
    const counted = [
      claim('input', undefined, { quantity: 600 }),
      claim('cacheRead', undefined, { quantity: 400 }),
      claim('output', undefined, { quantity: 150, requests: 2 }),
    ]
    expect(causes(reconciled(counted, [attempt()]))).toEqual([['outside', 100_000_000n]])
    const searched = attempt({ price: { ...PRICE, search: 10_000_000_000 } }, { usage: { ...USAGE, searches: 2 } })
    const searches = [...fair, claim('tool', undefined, { quantity: 3 })]
    expect(causes(reconciled(searches, [searched]))).toEqual([['server_side_tools', 10_000_000_000n]])
    const unknown = [claim('output', undefined, { quantity: 9, model: 'other' })]
    expect(reconciled([...fair, ...unknown], [attempt()]).unvalued).toEqual([
      { day: '2026-08-01', model: 'other', what: 'output', quantity: 9 },
    ])
  })

  it('of which one tells no models are compared by the day', () => {
    expect(reconciled([claim('all', 720_000_000n, { model: undefined })], [attempt(), attempt({ wireModel: 'other' })])).toMatchObject({
      explained: [],
      unexplained: [],
    })
  })
})

describe(`any account and any books (seed ${SEED}; TOLLGATE_TEST_SEED=… draws the same again)`, () => {
  const model = fc.constantFrom('a', 'b', 'c')
  const day = fc.constantFrom('2026-07-31', '2026-08-01', '2026-08-02', '2026-08-31', '2026-09-01')
  const someClaim: fc.Arbitrary<Claim> = fc.record({
    day,
    model: fc.option(model, { nil: undefined }),
    what: fc.constantFrom<Billed>('input', 'cacheRead', 'cacheWrite', 'output', 'tool', 'all'),
    tier: fc.constantFrom('', 'flex', 'batch'),
    amount: fc.option(fc.bigInt(-1_000n, 1_000_000_000n), { nil: undefined }),
    quantity: fc.option(fc.nat(100_000), { nil: undefined }),
    requests: fc.option(fc.nat(5), { nil: undefined }),
    accounts: fc.subarray(['key', 'proj', 'else']),
    grain: fc.constantFrom(1n, 10n, 10_000_000_000n),
  })
  const someRow = fc
    .record({
      wireModel: model,
      at: fc.integer({ min: NOON - 36 * HOUR, max: NOON + 31 * 24 * HOUR }),
      price: fc.option(fc.constant(PRICE), { nil: undefined, freq: 8 }),
      state: fc.constantFrom('settled', 'estimated', 'released'),
      code: fc.constantFrom('client_closed_request', 'upstream_timeout'),
      usage: fc.record({ input: fc.nat(5_000), output: fc.nat(5_000), cacheRead: fc.nat(9_000) }),
      total: fc.nat(24 * HOUR),
    })
    .map(({ wireModel, at, price, state, code, usage, total }) =>
      attempt({ wireModel, at, price }, { state: state as Outcome['state'], code, usage, timings: { total } }),
    )

  it('are apart by exactly what is explained and what is not', () => {
    const property = fc.property(
      fc.array(someClaim, { maxLength: 30 }),
      fc.array(someRow, { maxLength: 30 }),
      fc.subarray(['key']),
      (claims, rows, own) => {
        const { billed, booked, explained, unexplained } = reconciled(claims, rows, own)
        const parts = [...explained, ...unexplained].reduce((sum, { amount }) => sum + amount, 0n)
        expect(parts).toBe(billed - booked)
        expect(unexplained.filter(({ amount }) => amount === 0n)).toEqual([])
      },
    )
    fc.assert(property, { seed: SEED, numRuns: 3_000 })
  })
})
