import { describe, expect, it } from 'vitest'
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
    expect(() => configure(config, {})).toThrow(/minimax needs a dialect, one of anthropic-messages, .*; klingon is none/)
  })
})
