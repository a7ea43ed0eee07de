import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { diffConfig } from '../../src/config/diff.ts'
import { loadConfig } from '../../src/config/load.ts'
import { folderWith, shipped } from '../support/config-folders.ts'

const load = (files: Record<string, string>, env = {}) => loadConfig({ folder: folderWith(files), env })

describe('the difference between two configurations', () => {
  it('is nothing where only comments differ', () => {
    expect(diffConfig(load({}), load({ 'gateway.yaml': '# quite another comment\n' }))).toEqual([])
  })

  it('reads as what would change', () => {
    const plans = readFileSync(join(shipped, 'plans.yaml'), 'utf8')
      .replace('models: [economy, standard, premium]', 'models: [economy, "!*/o1-pro"]')
      .replace('budget: { usd: 1000, per: month }', 'budget: none')
      .replace('rpm: 600', 'rpm: 700')
    const changed = load(
      {
        'plans.yaml': `${plans}  gold:\n    extends: pro\n`,
        'gateway.yaml': 'drain_timeout: 5s\n',
        'models.yaml': 'aliases: { smart: openai/gpt-5 }\nroutes: { chat: [a/b, c/d] }\n',
        'providers.yaml': 'providers: [{ id: minimax, legacy_ids: [mini] }]\n',
      },
      { TOLLGATE_ADMIN_KEY: 'k'.repeat(40) },
    )
    const sentences = diffConfig(load({ 'models.yaml': 'routes: { chat: [a/b] }\n' }), changed).map(({ sentence }) => sentence)
    expect(sentences).toEqual([
      'alias smart: not set -> openai/gpt-5',
      'route chat: candidates + c/d',
      'plan gold: added',
      'plan pro: budget 1000 USD per month -> none',
      'plan pro: limits.rpm 600 -> 700',
      'plan pro: models + !*/o1-pro, - standard, - premium',
      'provider minimax: added',
      'admin_key: not set -> "[secret]"',
      'drain_timeout: 60000 -> 5000',
    ])
  })
})
