import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { parseOverrides } from '../../src/config/overrides.ts'
import type { GatewayKey, Tenant } from '../../src/contract/caller.ts'
import type { ModelNames } from '../../src/contract/catalog.ts'
import { planId, slug, tenantId } from '../../src/contract/ids.ts'
import type { PlanSource } from '../../src/contract/plan.ts'
import { compileModels, compileNames } from '../../src/policy/pattern-list.ts'
import { compileNarrowing, compilePlans } from '../../src/policy/plans.ts'
import { shipped } from '../support/config-folders.ts'

const { plans } = loadConfig({ folder: shipped, env: {} })
const NOW = Date.parse('2026-05-02T00:00:00Z')

const mini: ModelNames = { tier: 'economy', id: 'gpt-5-mini', qualified: 'openai/gpt-5-mini' }
const pro: ModelNames = { tier: 'frontier', id: 'o1-pro', qualified: 'openai/o1-pro' }
const unlisted: ModelNames = { tier: undefined, id: undefined, qualified: 'vllm/our/own-model' }

describe('the plan of a tenant', () => {
  it('is the one it is on', () => {
    const rules = compilePlans(plans).rulesFor(tenantOn('team'), NOW)
    expect(rules?.id).toBe('team')
    expect([mini, pro, unlisted].map((names) => rules?.allowsModel(names))).toEqual([true, false, false])
    expect(rules?.rule('models')).toMatch(/^plans\.yaml:\d+ team\.models/)
  })

  it('is none where no file defines it, never another', () => {
    const book = compilePlans(plans)
    expect(book.rulesFor(tenantOn('platinum'), NOW)).toBeUndefined()
    expect(book.rulesFor(tenantOn('Team'), NOW)).toBeUndefined()
    expect(book.rulesFor(tenantOn('__proto__'), NOW)).toBeUndefined()
    expect(book.canonical('constructor')).toBeUndefined()
  })

  it('is found under a former id, which is told', () => {
    const book = compilePlans(plansWith('team', { was: ['teams'] }))
    expect(book.rulesFor(tenantOn('teams'), NOW)?.id).toBe('team')
    expect(book.canonical('teams')).toEqual({ id: 'team', legacy: true })
    expect(book.canonical('team')).toEqual({ id: 'team', legacy: false })
  })

  it('is the same object for every tenant without overrides, so that a decision allocates nothing', () => {
    const book = compilePlans(plans)
    expect(book.rulesFor(tenantOn('team'), NOW)).toBe(book.rulesFor(tenantOn('team'), NOW))
    expect(book.plan('team')).toBe(book.rulesFor(tenantOn('team'), NOW))
    expect(book.all().map(({ id }) => id)).toEqual(['trial', 'free', 'solo', 'team', 'pro', 'enterprise'])
  })
})

describe('overrides', () => {
  it('stand in place of the plan’s values, and the rule names them', () => {
    const tenant = tenantOn('team', { providers: ['demo'], limits: { rpm: 5 }, budget: null })
    const rules = compilePlans(plans).rulesFor(tenant, NOW)
    expect(rules?.limits).toEqual({ rpm: 5, tpm: 2_000_000, concurrency: 32 })
    expect(rules?.budget).toBeNull()
    expect([rules?.allowsProvider('demo'), rules?.allowsProvider('openai')]).toEqual([true, false])
    expect(rules?.rule('providers')).toBe('override of tenant brennan: providers')
    expect(rules?.rule('models')).toMatch(/^plans\.yaml:\d+ team\.models/)
  })

  it('hold until they expire, to the millisecond', () => {
    const book = compilePlans(plans)
    const tenant = tenantOn('team', { priority: 9, expires_at: '2026-05-02T00:00:00Z' })
    expect([NOW - 1, NOW].map((now) => book.rulesFor(tenant, now)?.priority)).toEqual([9, 5])
  })
})

describe('own keys', () => {
  it('count where the plan allows them, for the providers it lists', () => {
    const book = compilePlans(plansWith('solo', { byok: { allowed: true, models: 'any', providers: ['*', '!openai'] } }))
    const allowed = (plan: string, provider: string) => book.plan(plan)?.allowsOwnKeyFor(provider)
    expect([allowed('solo', 'minimax'), allowed('solo', 'openai'), allowed('free', 'minimax')]).toEqual([true, false, false])
  })
})

describe('a list of models', () => {
  it.each<[string, string[], ModelNames, boolean]>([
    ['a tier', ['economy'], mini, true],
    ['another tier', ['standard'], mini, false],
    ['a tier taken away', ['*', '!frontier'], pro, false],
    ['a catalogue id', ['gpt-5-mini'], mini, true],
    ['a part of an id', ['gpt-5'], mini, false],
    ['an id in other case', ['GPT-5-mini'], mini, false],
    ['a qualified name', ['openai/gpt-5-mini'], mini, true],
    ['a glob on the whole name', ['openai/*'], mini, true],
    ['a glob on a part of it', ['openai/gpt'], mini, false],
    ['a glob over slashes', ['vllm/*'], unlisted, true],
    ['everything', ['*'], unlisted, true],
    ['everything but', ['*', '!*/o1-pro'], pro, false],
    ['an exclusion before what it takes from', ['!*/o1-pro', '*'], pro, false],
    ['nothing', [], mini, false],
    ['exclusions alone', ['!*/o1-pro'], mini, false],
    ['a glob that a tier’s word would match', ['e*'], mini, false],
    ['characters that mean more in a regular expression', ['openai/gpt.5.mini'], mini, false],
  ])('%s', (...[, patterns, names, allowed]) => {
    expect(compileModels(patterns)(names)).toBe(allowed)
  })

  it('agrees with trying every pattern in every way a star may stand for text', () => {
    const name = fc.array(fc.constantFrom('a', 'b', '/'), { maxLength: 6 }).map((letters) => letters.join(''))
    const pattern = fc
      .tuple(fc.boolean(), fc.array(fc.constantFrom('a', 'b', '/', '*'), { minLength: 1, maxLength: 5 }))
      .map(([exclude, letters]) => (exclude ? '!' : '') + letters.join(''))
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 5 }), fc.array(name, { minLength: 1, maxLength: 5 }), (patterns, names) => {
        const admits = compileNames(patterns)
        const naive = (text: string): boolean =>
          patterns.some((one) => !one.startsWith('!') && stands(one, text)) &&
          !patterns.some((one) => one.startsWith('!') && stands(one.slice(1), text))
        // Twice, for the second answer is a remembered one.
        for (const text of [...names, ...names])
          expect({ patterns, text, admits: admits(text) }).toEqual({ patterns, text, admits: naive(text) })
      }),
    )
  })

  it('remembers a bounded number of names that it was asked for', () => {
    const admits = compileNames(['a*'])
    for (let index = 0; index < 5_000; index++) expect(admits(`a${index}`)).toBe(true)
    expect(admits('b')).toBe(false)
  })
})

describe('a gateway key', () => {
  it('narrows what it lists, and nothing where it lists nothing', () => {
    expect(compileNarrowing(keyWith({}))).toBeUndefined()
    const narrowing = compileNarrowing(keyWith({ models: ['openai/*', '!*/o1-pro'] }))
    expect([mini, pro, unlisted].map((names) => narrowing?.allowsModel(names))).toEqual([true, false, false])
    expect(narrowing?.allowsEndpoint('audio')).toBe(true)
    expect(compileNarrowing(keyWith({ endpoints: ['chat'] }))?.allowsEndpoint('audio')).toBe(false)
  })
})

function stands(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  if (pattern[0] !== '*') return text[0] === pattern[0] && stands(pattern.slice(1), text.slice(1))
  return Array.from({ length: text.length + 1 }, (_, skip) => text.slice(skip)).some((rest) => stands(pattern.slice(1), rest))
}

function plansWith(id: string, change: Partial<PlanSource>): PlanSource[] {
  return plans.map((plan) => (plan.id === id ? { ...plan, ...change } : plan))
}

function tenantOn(plan: string, overrides?: object): Tenant {
  return {
    ...{ id: tenantId('t1'), slug: slug('brennan'), name: 'Brennan', plan: planId(plan), status: 'active', createdAt: '' },
    overrides: overrides && parseOverrides(overrides),
  }
}

/** Only what it narrows is looked at. */
function keyWith(given: Pick<Partial<GatewayKey>, 'models' | 'endpoints'>): GatewayKey {
  return { models: undefined, endpoints: undefined, ...given } as GatewayKey
}
