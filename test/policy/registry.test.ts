import { describe, expect, it } from 'vitest'
import { defineProvider, type ProviderData } from '../../src/contract/define.ts'
import type { RetiredId } from '../../src/contract/registry.ts'
import { openaiChat } from '../../src/dialects/openai-chat.ts'
import { createRegistry } from '../../src/policy/registry.ts'
import { providerOf, shipped } from '../support/shipped.ts'

const acme = (data: Partial<ProviderData> & { id: string }) =>
  defineProvider({
    name: data.id,
    dialect: openaiChat,
    baseUrl: 'https://api.acme.test/v1',
    apiKeyEnv: 'ACME_API_KEY',
    vendor: 'acme',
    ...data,
  })
const registryOf = (providers: ReturnType<typeof acme>[], retired: readonly RetiredId[] = []) => createRegistry({ providers, retired })
const stepsOf = (registry: ReturnType<typeof registryOf>, id: string) =>
  registry.steps(providerOf(id, registry)).map(({ settingKey, via }) => `${settingKey} ${via}`)

describe('the steps of a walk', () => {
  it('go from the canonical names over aliases and former ids to the other ids of the key group', () => {
    const providers = [
      acme({ id: 'acme', envAliases: ['ACME_TOKEN'], legacyIds: ['acme.old'] }),
      acme({ id: 'acme-fast', envAliases: ['ACME_FAST_TOKEN'] }),
    ]
    const registry = registryOf(providers, [
      { id: 'acme_2', now: 'acme' },
      { id: 'fast', now: 'acme-fast' },
    ])
    expect(stepsOf(registry, 'acme-fast')).toEqual([
      'ACME_API_KEY canonical',
      'ACME_FAST_API_KEY canonical',
      'ACME_FAST_TOKEN alias',
      'FAST_API_KEY legacy',
      'ACME_2_API_KEY shared',
      'ACME_OLD_API_KEY shared',
    ])
    expect(stepsOf(registry, 'acme').slice(0, 4)).toEqual([
      'ACME_API_KEY canonical',
      'ACME_TOKEN alias',
      'ACME_2_API_KEY legacy',
      'ACME_OLD_API_KEY legacy',
    ])
  })

  it('name each row once, where it comes first', () => {
    const names = shipped.providers.map((provider) => shipped.steps(provider).map(({ settingKey }) => settingKey))
    expect(names.filter((steps) => steps.length > new Set(steps).size)).toEqual([])
  })

  it('ask the environment for the canonical name and the aliases only', () => {
    expect(shipped.platformNames(providerOf('google'))).toEqual(['GOOGLE_API_KEY', 'GEMINI_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY'])
  })
})

describe('an id', () => {
  it('is looked up exactly, whatever it is called', () => {
    const strange = ['__proto__', 'constructor', 'toString', 'MiniMax', 'minimax ', '', 'minimax_2_70']
    expect(strange.filter((id) => shipped.lookup(id) !== undefined)).toEqual([])
  })

  it('of the living is not legacy', () => {
    expect(shipped.lookup('minimax')).toEqual({ provider: shipped.get('minimax'), legacy: false, retired: undefined })
  })

  it('that an operator remembers leads to the provider', () => {
    const registry = registryOf([acme({ id: 'acme', legacyIds: ['our_acme'] })])
    expect(registry.lookup('our_acme')).toMatchObject({ provider: { id: 'acme' }, legacy: true })
    expect(registry.releasedIds).toEqual(['acme', 'our_acme'])
  })
})

describe('contradictions are refused with names', () => {
  const cases: [what: string, providers: ReturnType<typeof acme>[], retired: RetiredId[], words: string][] = [
    [
      'an alias that is the canonical name of another group',
      [acme({ id: 'acme' }), acme({ id: 'other', apiKeyEnv: 'OTHER_API_KEY', envAliases: ['ACME_API_KEY'] })],
      [],
      'ACME_API_KEY is claimed by acme (keys of ACME_API_KEY) and by other (keys of OTHER_API_KEY).',
    ],
    [
      'an id whose derived name belongs to another group',
      [acme({ id: 'acme' }), acme({ id: 'zeta', apiKeyEnv: 'ZETA_KEY', legacyIds: ['acme'] })],
      [],
      'ACME_API_KEY is claimed by acme (keys of ACME_API_KEY) and by acme (keys of ZETA_KEY).',
    ],
    [
      'one key group for two vendors',
      [acme({ id: 'acme' }), acme({ id: 'evil', vendor: 'evil' })],
      [],
      "ACME_API_KEY is shared by acme of acme and evil of evil: one vendor's key must not reach another.",
    ],
    ['an id given twice', [acme({ id: 'acme' }), acme({ id: 'acme' })], [], 'The id acme is given twice.'],
    ['a former id that lives', [acme({ id: 'acme' })], [{ id: 'acme', now: 'acme' }], 'The id acme is given twice.'],
    [
      'a former id of nobody',
      [acme({ id: 'acme' })],
      [{ id: 'old', now: 'gone' }],
      'The former id old stands for gone, and there is no provider gone.',
    ],
  ]

  it.each(cases)('%s', (_, providers, ...[retired, words]) => {
    expect(() => registryOf(providers, retired)).toThrow(words)
  })
})
