import { describe, expect, it } from 'vitest'
import { forModel } from '../../src/attempt/quirks.ts'
import { loadConfig } from '../../src/config/load.ts'
import { configure } from '../../src/main/configured.ts'
import { folderWith, problemsOf } from '../support/config-folders.ts'

const load = (providers: string) => loadConfig({ folder: folderWith({ 'providers.yaml': providers }), env: {} })

describe('the further dialects of a provider', () => {
  it('are added to those of a shipped one, and replace the ones of the same name', () => {
    const config = load(`
providers:
  - id: minimax
    also:
      - { dialect: anthropic-messages, base_path: ../claude, auth: { header: x-key, prefix: "" } }
      - { dialect: openai-responses, only_when_asked: true }
`)
    const speeches = configure(config, {})
      .registry.get('minimax')
      ?.also.filter(({ dialect }) => (dialect.family ?? 'chat') === 'chat')
    expect(speeches?.map(({ dialect, ...rest }) => ({ dialect: dialect.id, ...rest }))).toEqual([
      { dialect: 'anthropic-messages', basePath: '../claude', auth: { header: 'x-key', prefix: '' } },
      { dialect: 'openai-responses', onlyWhenAsked: true },
    ])
  })

  it.for(['https://elsewhere.example', '//elsewhere.example/v1', '/anthropic', '..', 'a?b=c'])('are not spoken at %s', (path) => {
    const said = problemsOf(() => load(`providers:\n  - id: minimax\n    also:\n      - { dialect: gemini, base_path: "${path}" }\n`))
    expect(said.join()).toMatch(/providers\.yaml:4 .*base_path: Give a path from the base URL/)
  })

  it('are dialects that there are', () => {
    const config = load('providers:\n  - id: minimax\n    also: [{ dialect: klingon }]\n')
    expect(() => configure(config, {})).toThrow(/minimax needs a dialect, one of .*anthropic-messages, .*; klingon is none/)
  })
})

describe('the quirks of models', () => {
  const config = load(`
providers:
  - id: mill
    dialect: openai-chat
    base_url: https://mill.example/v1
    quirks: { maxTokensField: max_tokens }
    model_quirks:
      - { models: ["grain-*", "!grain-raw*"], quirks: { unsupportedParams: [seed] } }
      - { models: [grain-2], quirks: { maxTokensField: either } }
  - id: openai
    quirks: { maxTokensField: max_tokens }
    model_quirks: [{ models: ["gpt-4*"], quirks: { maxTokensField: either } }]
`)
  const quirksOf = (id: string, model: string) => forModel(configure(config, {}).registry.get(id)!, model).quirks

  it.for([
    ['grain-1', { maxTokensField: 'max_tokens', unsupportedParams: ['seed'] }],
    ['grain-2', { maxTokensField: 'either', unsupportedParams: ['seed'] }],
    ['grain-raw-1', { maxTokensField: 'max_tokens' }],
    ['fine/grain-1', { maxTokensField: 'max_tokens' }],
    ['Grain-1', { maxTokensField: 'max_tokens' }],
  ] as const)('hold for whole names and globs: %s', ([model, quirks]) => {
    expect(quirksOf('mill', model)).toEqual(quirks)
  })

  it('of an operator stand above the shipped ones, those of models above those of all', () => {
    expect(['gpt-5-mini', 'gpt-4o', 'chatgpt-4o-latest'].map((model) => quirksOf('openai', model).maxTokensField)).toEqual([
      'max_tokens',
      'either',
      'max_tokens',
    ])
  })

  it('are checked as those of a provider are', () => {
    const said = problemsOf(() => load('providers:\n  - id: mill\n    model_quirks: [{ models: [], quirks: { odd: true } }]\n'))
    expect(said.join()).toMatch(/model_quirks/)
  })
})
