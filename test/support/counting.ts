import type { Caller } from '../../src/contract/caller.ts'
import type { Price } from '../../src/contract/catalog.ts'
import type { Ask, Metered } from '../../src/contract/decision.ts'
import type { Usage } from '../../src/contract/dialect.ts'
import { planId } from '../../src/contract/ids.ts'
import type { Outcome } from '../../src/contract/ledger.ts'
import type { Balance, Held, MeterSource, Overdraft, Source, Taken } from '../../src/contract/meter.ts'
import type { Plan, PlanRules, PlanSource } from '../../src/contract/plan.ts'
import { priceAttempt } from '../../src/ledger/cost.ts'
import { boundOf, chargedBy, takenBy } from '../../src/ledger/metering.ts'
import { Budgets, type BudgetsInput } from '../../src/policy/budgets.ts'
import { compilePlans } from '../../src/policy/plans.ts'
import { BalanceSheet, isOverdraft, wantedBy } from '../../src/store/rows/balances.ts'
import { keyOf, tenantNamed } from './callers.ts'
import { reserved, someOutcome, someStart } from './stores.ts'

// Budgets and meters with the very steps that the books take, and a clock, but no disk.

const OPEN: Plan = {
  ...{ id: planId('counted'), was: [], models: ['*'], endpoints: ['*'], providers: ['*'], platform_keys: 'on_missing' },
  ...{
    byok: { allowed: true, models: 'any', providers: ['*'] },
    passthrough: 'own_keys',
    plan_limits: null,
    budget: null,
    meters: [],
    unpriced: 'allow',
  },
  ...{ limits: { rpm: null, tpm: null, concurrency: null }, failover: { other_provider: true }, fallback: [], expose: 'full' },
  ...{ enforcement: 'on', priority: 5, on_revoke: 'finish', cache: null },
}

export function countedPlan(over: Partial<Omit<Plan, 'id'>>): PlanRules {
  // Where a key was written is for sentences of explain, which nobody reads here.
  const writtenAt = {} as PlanSource['writtenAt']
  const plan = compilePlans([{ ...OPEN, ...over, writtenAt }]).plan(OPEN.id)
  if (!plan) throw new Error('The plan is gone.')
  return plan
}

export const withMeters = (...meters: readonly MeterSource[]): PlanRules => countedPlan({ meters })

export const caller = (over: Partial<Caller['tenant']> = {}): Caller => ({
  tenant: { ...tenantNamed('brennan'), createdAt: '2026-01-31T10:00:00Z', ...over },
  key: keyOf('tenant').key,
})

/** What is asked of one model, at a price in pico-dollars a token, by whoever pays. */
export interface Wish {
  readonly model?: string
  readonly payer?: 'tenant' | 'platform'
  readonly price?: Price
  readonly ask?: Partial<Ask>
}

interface Running {
  readonly held: readonly Held[]
  readonly wish: Wish
}

export class Counting {
  readonly clock: { now: number }
  readonly budgets: Budgets
  readonly balances = new Map<string, Balance>()
  readonly passed: number[] = []

  constructor(now = Date.UTC(2026, 2, 1, 12), over: Partial<BudgetsInput> = {}) {
    this.clock = { now }
    const standing = async (sources: readonly Source[]) => sources.map((source) => this.#find(source) ?? { ...source, held: 0, spent: 0 })
    const onPassed: BudgetsInput['onPassed'] = ({ percent }) => this.passed.push(percent)
    this.budgets = new Budgets({ now: () => this.clock.now, bound: boundOf, standing, onPassed, ...over })
  }

  asked(plan: PlanRules, wish: Wish = {}, who: Caller = caller()): Metered {
    const { model = 'acme/some', payer = 'platform', price, ask } = wish
    const credential = {
      source: payer,
      state: 'usable',
      settingKey: undefined,
      via: undefined,
      fingerprint: 'f1',
      last4: undefined,
      secret: () => undefined,
    } as const
    const full: Ask = { endpoint: 'chat', model, stream: false, needs: {}, inputTokens: 0, leastTokens: 0, ...ask }
    return { caller: who, plan, ask: full, offer: { names: { qualified: model, id: undefined, tier: undefined }, price, credential } }
  }

  /** What is held, or why it is not. */
  admit(asked: Metered): readonly Held[] | Overdraft {
    const draws = this.budgets.draws(asked) ?? []
    const row = { ...reserved(someStart('r')), draws }
    const sheet = this.#sheet(row)
    const held = sheet.hold(draws)
    this.#keep(sheet)
    return held
  }

  /** The whole way of one request that used so much; why it was refused, or what it was charged. */
  spend(plan: PlanRules, wish: Wish & { usage?: Usage; who?: Caller } = {}): string | number | null {
    const asked = this.asked(plan, wish, wish.who)
    const refused = this.budgets.check(asked)
    if (refused) return refused.code
    const held = this.admit(asked)
    if (isOverdraft(held)) return this.budgets.refusal(asked, held).code
    return this.end({ held, wish }, someOutcome({ usage: wish.usage ?? { input: 0, output: 0 } }))
  }

  /** What is charged. */
  end({ held, wish }: Running, outcome: Outcome): number | null {
    const { inputTokens = 0, maxOutput, choices = 1 } = wish.ask ?? {}
    const start = someStart('r', { price: wish.price, source: wish.payer ?? 'platform', inputTokens, maxOutput, choices, held })
    const priced = outcome.state === 'released' ? { lines: [], cost: 0, charge: 0 } : priceAttempt(start, outcome)
    const taken = takenBy(start, outcome, priced.cost) ?? []
    this.take(taken)
    return chargedBy(taken, priced)
  }

  take(taken: readonly Taken[]): void {
    const sheet = this.#sheet({ ...reserved(someStart('r')), taken })
    sheet.end(taken)
    this.#keep(sheet)
  }

  get held(): number {
    return [...this.balances.values()].reduce((sum, { held }) => sum + held, 0)
  }

  #sheet(row: Parameters<typeof wantedBy>[0][number]): BalanceSheet {
    const sheet = new BalanceSheet()
    for (const { source, opens } of wantedBy([row])) {
      const stands = this.#find(source)
      if (stands || opens) sheet.load(source, stands ? { ...stands, isNew: false } : { held: 0, spent: 0, isNew: true })
    }
    return sheet
  }

  #find(source: Source): Balance | undefined {
    if (!source.rolls) return this.balances.get(keyFor(source))
    const span = (source.until ?? 0) - source.since
    const windows = [...this.balances.values()].filter((one) => keyFor({ ...one, since: 0 }) === keyFor({ ...source, since: 0 }))
    return windows.find(({ since }) => source.since < since + span)
  }

  #keep(sheet: BalanceSheet): void {
    const moves = sheet.moves()
    for (const { before: _before, ...balance } of moves) this.balances.set(keyFor(balance), balance)
    this.budgets.learn(moves)
  }
}

const keyFor = ({ owner, meter, subject, since }: Pick<Balance, 'owner' | 'meter' | 'subject' | 'since'>): string =>
  JSON.stringify([owner, meter, subject, since])
