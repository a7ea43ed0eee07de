import { describe, expect, it } from 'vitest'
import type { MeterSource } from '../../src/contract/meter.ts'
import { anniversaryOf } from '../../src/policy/calendar.ts'
import { isOverdraft } from '../../src/store/rows/balances.ts'
import { Counting, caller, countedPlan, withMeters } from '../support/counting.ts'

const HOUR = 3_600_000
const turns = (over: Partial<MeterSource> = {}): MeterSource => ({ name: 'turns', count: 'requests', allow: 3, per: 'month', ...over })
const PRICE = { snapshot: 's', input: 1_000_000, output: 2_000_000 }

/** One after another, until none is let in. */
const until = (said: () => unknown): number => {
  for (let admitted = 0; admitted < 1_000; admitted++) if (said() === 'budget_exceeded') return admitted
  throw new Error('Nothing ever stopped it.')
}

describe('a meter', () => {
  it('lets in as many requests as it allows, and no more', () => {
    const counting = new Counting()
    expect(until(() => counting.spend(withMeters(turns())))).toBe(3)
  })

  it('counts each model as much as it weighs, and none that weighs nothing', () => {
    const counting = new Counting()
    const plan = withMeters(turns({ weigh: { 'acme/free': 0, 'acme/half': 0.5, 'acme/*': '2' } }))
    expect(counting.spend(plan, { model: 'acme/big' })).not.toBe('budget_exceeded')
    expect(
      until(() => counting.spend(plan, { model: 'acme/half' })),
      'one is left of three',
    ).toBe(2)
    for (let more = 0; more < 5; more++) expect(counting.spend(plan, { model: 'acme/free' })).not.toBe('budget_exceeded')
  })

  it('counts only the models, endpoints and payers that it is for', () => {
    const counting = new Counting()
    const plan = withMeters(turns({ models: ['acme/*'], endpoints: ['chat'], payer: 'platform', allow: 0 }))
    expect(counting.spend(plan, { model: 'acme/m' })).toBe('budget_exceeded')
    for (const wish of [{ model: 'beta/m' }, { payer: 'tenant' as const }, { ask: { endpoint: 'embeddings' as const } }])
      expect(counting.spend(plan, { model: 'acme/m', ...wish })).not.toBe('budget_exceeded')
  })

  it('counts users and tags apart, and together all who name none', () => {
    const counting = new Counting()
    const [users, tags] = [
      withMeters(turns({ of: 'user', allow: 1 })),
      withMeters(turns({ name: 'heads', of: 'tag:department', allow: { sales: 2, '*': 1 } })),
    ]
    const by = (user: string | undefined, ...tagged: string[]) => ({ ask: { by: { user, tags: tagged } } })
    expect(['ann', 'ben', 'ann', undefined, undefined].map((user) => counting.spend(users, by(user)))).toEqual([
      ...[null, null, 'budget_exceeded', null, 'budget_exceeded'],
    ])
    const sales = by('ann', 'env:prod', 'department:sales')
    expect(until(() => counting.spend(tags, sales))).toBe(2)
    expect(until(() => counting.spend(tags, by('ann', 'department:legal')))).toBe(1)
    expect(
      until(() => counting.spend(tags, by('ann', 'departments:sales'))),
      'another tag',
    ).toBe(1)
  })

  it('tells of the shares of what is beyond it, too', () => {
    const counting = new Counting()
    const plan = withMeters(turns({ then: { meter: 'more' } }), turns({ name: 'more', allow: 2 }))
    expect(until(() => counting.spend(plan))).toBe(5)
    expect(counting.passed).toEqual([100, 100])
  })

  it('of tokens holds the most there may be, and takes what there was', () => {
    const counting = new Counting()
    const plan = withMeters({ name: 'words', count: 'tokens', allow: 1_000, per: 'day' })
    const wish = { ask: { inputTokens: 100, maxOutput: 400 }, usage: { input: 90, output: 10 } }
    for (let spent = 0; spent < 5; spent++) expect(counting.spend(plan, wish)).not.toBe('budget_exceeded')
    // 500 are spent, and 500 more fit exactly.
    expect(counting.spend(plan, { ...wish, usage: { input: 100, output: 400 } })).not.toBe('budget_exceeded')
    expect(counting.spend(plan, wish)).toBe('budget_exceeded')
    expect(counting.held).toBe(0)
  })

  it('refuses for good what not even all of it would hold', () => {
    const counting = new Counting()
    const plan = withMeters({ name: 'words', count: 'output', allow: 100, per: 'day' })
    expect(counting.spend(plan, { ask: { maxOutput: 101 } })).toBe('request_exceeds_limit')
  })

  it('that only notifies refuses nothing, and tells of each share once', () => {
    const counting = new Counting()
    const plan = withMeters(turns({ then: 'notify', at_percent: [50, 100] }))
    for (let spent = 0; spent < 6; spent++) expect(counting.spend(plan)).not.toBe('budget_exceeded')
    expect(counting.passed).toEqual([50, 100])
  })

  it.each([Number.NaN, -5, 2 ** 60, undefined])('takes all that was held where a provider tells %s tokens', (input) => {
    const counting = new Counting()
    const plan = withMeters({ name: 'words', count: 'input', allow: 100, per: 'day' })
    counting.spend(plan, { ask: { inputTokens: 60 }, usage: { input } as { input: number } })
    expect([...counting.balances.values()]).toMatchObject([{ held: 0, spent: 60_000 }])
  })

  it('does not count what failed, and counts what its client left', () => {
    const counting = new Counting()
    const plan = withMeters(turns({ allow: 2 }))
    for (const code of ['upstream_error', 'upstream_timeout', 'client_closed_request', 'client_closed_request']) {
      const held = counting.admit(counting.asked(plan))
      if (isOverdraft(held)) throw new Error(`${code} was not let in`)
      counting.end({ held, wish: {} }, { state: 'estimated', usage: undefined, status: 500, code, timings: { total: 1 } })
    }
    expect(counting.spend(plan)).toBe('budget_exceeded')
  })

  it('beyond which another begins splits a request between the two, exactly', () => {
    const counting = new Counting()
    const plan = withMeters(
      { name: 'free', count: 'tokens', allow: 1_000, per: 'month', then: { meter: 'paid' }, charge: { usd: 0 } },
      { name: 'paid', count: 'tokens', allow: 500, per: 'month', charge: { usd: '0.000001' } },
    )
    const charge = (tokens: number) =>
      counting.spend(plan, { ask: { inputTokens: tokens, maxOutput: 0 }, usage: { input: tokens, output: 0 } })
    expect([charge(900), charge(400), charge(200)]).toEqual([0, 300_000, 200_000])
    expect(charge(1)).toBe('budget_exceeded')
    expect(charge(1_501), 'more than both').toBe('request_exceeds_limit')
  })

  it('takes what outgrows all that was held from the last', () => {
    const counting = new Counting()
    const plan = withMeters({ name: 'words', count: 'tokens', allow: 100, per: 'month' })
    expect(counting.spend(plan, { ask: { inputTokens: 1, maxOutput: 1 }, usage: { input: 1, output: 500 } })).not.toBe('budget_exceeded')
    expect(counting.spend(plan, { ask: { inputTokens: 1, maxOutput: 1 } })).toBe('budget_exceeded')
  })

  it('that charges a share of an unknown cost leaves the charge unknown', () => {
    const counting = new Counting()
    const plan = withMeters({ name: 'fee', count: 'requests', allow: 'none', per: 'month', charge: { percent: 5 } })
    expect(counting.spend(plan)).toBe(null)
    expect(counting.spend(plan, { price: PRICE, usage: { input: 1_000, output: 0 } })).toBe(50_000)
  })

  it('may charge a share of what a tenant’s own key costs', () => {
    const counting = new Counting()
    const plan = withMeters({ name: 'fee', count: 'usd', allow: 'none', per: 'month', payer: 'tenant', charge: { percent: 2.5 } })
    const wish = { price: PRICE, usage: { input: 1_000, output: 500 } }
    // 1,000 at a millionth of a dollar and 500 at two are 0.002 dollars.
    expect(counting.spend(plan, { ...wish, payer: 'tenant' })).toBe(50_000)
    expect(counting.spend(plan, wish), 'the platform’s key').toBe(2_000_000)
  })
})

describe('its period', () => {
  it('of five hours begins with the first use, and anew with the first after it', () => {
    const counting = new Counting()
    const plan = withMeters(turns({ per: '5h' }))
    expect(until(() => counting.spend(plan))).toBe(3)
    counting.clock.now += 5 * HOUR - 1
    expect(counting.spend(plan)).toBe('budget_exceeded')
    counting.clock.now += 1
    expect(until(() => counting.spend(plan))).toBe(3)
  })

  it('says when it is over', () => {
    const counting = new Counting()
    const asked = counting.asked(withMeters(turns({ per: '5h', allow: 1 })))
    counting.spend(asked.plan)
    counting.clock.now += HOUR
    const overdraft = counting.admit(asked)
    if (!isOverdraft(overdraft)) throw new Error('It was let in.')
    const refusal = counting.budgets.refusal(asked, overdraft)
    expect(refusal).toMatchObject({
      ...{ retryAfter: (4 * HOUR) / 1_000, renews: '2026-03-01T17:00:00.000Z' },
      limit: 'meter turns',
      key: 'meters',
      allowed: '1 requests in 5h',
      used: '1 requests',
      left: '0 requests',
    })
  })

  it('of a month begins at midnight where the tenant is', () => {
    const counting = new Counting(Date.parse('2026-03-31T21:30:00Z'))
    const plan = withMeters(turns({ allow: 1 }))
    const zurich = caller({ overrides: { values: {}, timezone: 'Europe/Zurich' } })
    expect([counting.spend(plan, { who: zurich }), counting.spend(plan, { who: zurich })]).toEqual([null, 'budget_exceeded'])
    counting.clock.now += HOUR / 2
    expect(counting.spend(plan, { who: zurich }), 'April there').toBe(null)
    const utc = caller({ id: 'tn_utc' as ReturnType<typeof caller>['tenant']['id'] })
    expect(counting.spend(plan, { who: utc }), 'March here').toBe(null)
    counting.clock.now += HOUR
    expect(counting.spend(plan, { who: utc })).toBe('budget_exceeded')
  })

  it.each([
    ['2026-01-31T10:00:00Z', '2026-03-01T12:00:00Z', ['2026-02-28', '2026-03-31']],
    ['2026-01-31T10:00:00Z', '2026-02-28T00:00:00Z', ['2026-02-28', '2026-03-31']],
    ['2026-01-31T10:00:00Z', '2026-02-27T23:59:59Z', ['2026-01-31', '2026-02-28']],
    ['2024-02-29T00:00:00Z', '2026-01-05T00:00:00Z', ['2025-12-29', '2026-01-29']],
    ['2026-01-15T00:00:00Z', '2026-12-20T00:00:00Z', ['2026-12-15', '2027-01-15']],
  ])('of a billing cycle from %s holds %s', (from, now, days) => {
    const { start, end } = anniversaryOf(Date.parse(from), Date.parse(now))
    expect([start, end].map((at) => new Date(at).toISOString().slice(0, 10))).toEqual(days)
  })
})

describe('budgets', () => {
  const budget = { nano: 1_000_000_000, per: 'month' } as const

  it('of a gateway key bind beside the plan’s, on the platform’s money', () => {
    const counting = new Counting()
    const who = caller()
    const narrow = { ...who, key: { ...who.key, limits: { budget: { usd: '0.000003', per: 'day' as const } } } }
    const wish = { price: PRICE, ask: { inputTokens: 1, maxOutput: 1 }, usage: { input: 1, output: 1 } }
    const plan = countedPlan({ budget })
    expect([counting.spend(plan, { ...wish, who: narrow }), counting.spend(plan, { ...wish, who: narrow })]).toEqual([
      3_000,
      'budget_exceeded',
    ])
    expect(counting.spend(plan, wish), 'another key').toBe(3_000)
    expect(counting.spend(plan, { ...wish, who: narrow, payer: 'tenant' }), 'its own provider key').toBe(0)
  })

  it('that are only observed refuse nothing, and count', () => {
    const counting = new Counting()
    const plan = countedPlan({ budget: { nano: 1, per: 'month' }, enforcement: 'observe' })
    const wish = { price: PRICE, ask: { inputTokens: 1, maxOutput: 1 }, usage: { input: 1, output: 1 } }
    expect([counting.spend(plan, wish), counting.spend(plan, wish)]).toEqual([3_000, 3_000])
    expect([...counting.balances.values()]).toMatchObject([{ meter: 'budget.usd', spent: 6_000, held: 0 }])
  })

  it('say what was spent and when they begin anew', () => {
    const counting = new Counting(Date.parse('2026-03-01T23:59:00Z'))
    const plan = countedPlan({ budget: { nano: 2_000, per: 'day' } })
    const wish = { price: PRICE, ask: { inputTokens: 1, maxOutput: 0 }, usage: { input: 2, output: 0 } }
    counting.spend(plan, wish)
    expect(counting.budgets.check(counting.asked(plan, wish))).toEqual({
      ...{ code: 'budget_exceeded', limit: 'budget', key: 'budget', allowed: '0.000002 USD a day', used: '0.000002 USD', left: '0 USD' },
      ...{ retryAfter: 60, renews: '2026-03-02T00:00:00.000Z' },
    })
  })
})
