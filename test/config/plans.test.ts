import { describe, expect, it } from 'vitest'
import { readPlans } from '../../src/config/plans.ts'
import { ConfigError } from '../../src/config/problems.ts'
import { parseYaml } from '../../src/config/yaml.ts'

const BASE = `plans:
  base:
    models: [economy]
    endpoints: ["*"]
    providers: ["*"]
    byok: { allowed: false, models: any, providers: ["*"] }
    platform_keys: on_missing
    limits: { rpm: 20, tpm: 100000, concurrency: 2 }
    budget: { usd: 5, per: month }
    meters: []
    unpriced: refuse
    failover: { other_provider: true }
    fallback: []
    expose: basic
    enforcement: on
    priority: 5
    on_revoke: cut
`
const LINES = BASE.split('\n').length

/** Plan `gold` extends `base` with these lines, the first of which is line `LINES + 2` of the file. */
const gold = (lines: string): string => `${BASE}  gold:\n    extends: base\n${lines.replace(/^/gm, '    ')}\n`
const at = (line: number): string => `plans.yaml:${LINES + 1 + line}`

describe('a mistake in plans.yaml is told with its line and what to do', () => {
  it.each([
    ['an unknown key', gold('modles: [economy]'), `${at(1)} plans.gold.modles: "modles" is no key here; did you mean "models"?`],
    [
      'an unknown key inside limits',
      gold('limits:\n  rpn: 5'),
      `${at(2)} plans.gold.limits.rpn: "rpn" is no key here; did you mean "rpm"?`,
    ],
    [
      'a mistyped tier',
      gold('models:\n  - economy\n  - "!premuim"'),
      `${at(3)} plans.gold.models[1]: "premuim" is no tier; did you mean "premium"? A catalogue id is written exactly, a provider's model as provider/model.`,
    ],
    [
      'an unknown endpoint',
      gold('endpoints: [chatt]'),
      `${at(1)} plans.gold.endpoints[0]: "chatt" is not one of ${'*, chat, responses, messages, embeddings, completions, images, audio, moderations, rerank, generate, passthrough, !chat, !responses, !messages, !embeddings, !completions, !images, !audio, !moderations, !rerank, !generate, !passthrough'}; did you mean "chat"?`,
    ],
    [
      'an unknown choice',
      gold('platform_keys: on_mising'),
      `${at(1)} plans.gold.platform_keys: "on_mising" is not one of never, on_missing, on_outage; did you mean "on_missing"?`,
    ],
    [
      'a limit that is no number',
      gold('limits: { rpm: many }'),
      `${at(1)} plans.gold.limits.rpm: Give a whole number, or none for unlimited.`,
    ],
    ['a limit left empty', gold('limits:\n  tpm:'), `${at(2)} plans.gold.limits.tpm: Give a whole number, or none for unlimited.`],
    ['a negative limit', gold('limits: { rpm: -1 }'), `${at(1)} plans.gold.limits.rpm: Give at least 0.`],
    [
      'a budget that is a bare number',
      gold('budget: 500'),
      `${at(1)} plans.gold.budget: Write a budget as { usd: 500, per: month }, or none for unlimited, or 0 for nothing.`,
    ],
    [
      'a budget finer than a nano-dollar',
      gold('budget: { usd: 0.0000000001, per: month }'),
      `${at(1)} plans.gold.budget.usd: Write an amount of US dollars such as 5 or 0.25: not negative, at most 9 decimals, at most 9007199.`,
    ],
    [
      'a budget without its period',
      gold('budget: { usd: 5 }'),
      `${at(1)} plans.gold.budget.per: Give one of hour, day, week, month, total here, not nothing.`,
    ],
    [
      'a meter that leads nowhere',
      gold('meters: [{ name: turns, count: requests, allow: 1, per: day, then: { meter: turn } }]'),
      `${at(1)} plans.gold.meters[0].then: No meter of this plan is called turn; did you mean turns?`,
    ],
    [
      'a meter that leads back to itself',
      gold('meters: [{ name: turns, count: requests, allow: 1, per: day, then: { meter: turns } }]'),
      `${at(1)} plans.gold.meters[0].then: turns leads to turns: break the circle.`,
    ],
    [
      'a meter that leads to another kind',
      gold(
        'meters:\n  - { name: a, count: usd, allow: 1, per: day, then: { meter: b } }\n  - { name: b, count: tokens, allow: 1, per: day }',
      ),
      `${at(2)} plans.gold.meters[0].then: b counts tokens and a counts usd: let both count the same.`,
    ],
    [
      'a meter of a strange period',
      gold('meters: [{ name: turns, count: requests, allow: 1, per: fortnight }]'),
      `${at(1)} plans.gold.meters[0].per: Write minute, hour, day, week, month, cycle or total, or a window such as 30m, 5h or 7d.`,
    ],
    [
      'a meter finer than a thousandth',
      gold('meters: [{ name: turns, count: requests, allow: 0.0001, per: day }]'),
      `${at(1)} plans.gold.meters[0].allow: Write at most 3 decimals for what counts requests.`,
    ],
    [
      'an unknown base',
      gold('').replace('extends: base', 'extends: bace'),
      `${at(0)} plans.gold.extends: No plan is called "bace"; did you mean "base"?`,
    ],
    [
      'a circle',
      gold('').replace('extends: base', 'extends: gold'),
      `${at(0)} plans.gold.extends: Plan gold extends gold: break the circle.`,
    ],
    ['an id given twice', gold('was: [base]'), `${at(1)} plans.gold.was[0]: "base" already means plan base: let one plan have it.`],
    ['a key given twice', gold('priority: 1\npriority: 2'), `${at(2)}: Map keys must be unique.`],
    ['no plans', '', 'plans.yaml:1 plans: Give a map of names here.'],
  ])('%s', (_, text, problem) => {
    expect(problemsOf(text)).toContain(problem)
  })

  it('names every key that a plan forgot, at the plan', () => {
    const text = BASE.replace('    unpriced: refuse\n', '').replace(', concurrency: 2 }', ' }')
    expect(problemsOf(text)).toEqual([
      'plans.yaml:2 plans.base: Plan base does not give limits.concurrency, nor does a plan it extends: write it here, none for unlimited.',
      'plans.yaml:2 plans.base: Plan base does not give unpriced, nor does a plan it extends: write it here.',
    ])
  })

  it('does not call a plan incomplete whose base is wrong', () => {
    const text = gold('limits: { rpm: 1 }').replace('priority: 5', 'priority: high')
    expect(problemsOf(text)).toEqual(['plans.yaml:16 plans.base.priority: Give a whole number here, not text.'])
  })
})

describe('a plan', () => {
  const plan = (lines: string) => readPlans(parseYaml('plans.yaml', gold(lines))).value?.find(({ id }) => id === 'gold')

  it('inherits what it does not give, also inside limits and byok', () => {
    expect(plan('limits: { rpm: none }\nbyok: { allowed: true }')).toMatchObject({
      limits: { rpm: null, tpm: 100_000, concurrency: 2 },
      byok: { allowed: true, models: 'any', providers: ['*'] },
      budget: { nano: 5_000_000_000, per: 'month' },
    })
  })

  it('does not inherit the former ids of its base', () => {
    const text = gold('was: [golden]').replace('    models: [economy]\n', '    models: [economy]\n    was: [basic]\n')
    expect(readPlans(parseYaml('plans.yaml', text)).value?.map(({ id, was }) => [id, was])).toEqual([
      ['base', ['basic']],
      ['gold', ['golden']],
    ])
  })

  it.each([
    ['none', null],
    ['0', { nano: 0, per: 'total' }],
    ['{ usd: 0.1, per: day }', { nano: 100_000_000, per: 'day' }],
    ['{ usd: "0.000000001", per: total }', { nano: 1, per: 'total' }],
    ['{ usd: 4503599.627370497, per: month }', { nano: 4_503_599_627_370_497, per: 'month' }],
  ])('has a budget of %s to the last nano-dollar', (written, budget) => {
    expect(plan(`budget: ${written}`)?.budget).toEqual(budget)
  })

  it('has no limits where it says none', () => {
    expect(plan('limits: none')?.limits).toEqual({ rpm: null, tpm: null, concurrency: null })
  })
})

function problemsOf(text: string): string[] {
  const file = parseYaml('plans.yaml', text)
  const problems = file.problems.length > 0 ? file.problems : readPlans(file).problems
  return new ConfigError(problems).message.split('\n')
}
