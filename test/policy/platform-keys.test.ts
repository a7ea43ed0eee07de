import { expect, it } from 'vitest'
import { differingKeys } from '../../src/policy/platform-keys.ts'
import { platformOf } from '../support/provider-keys.ts'
import { shipped } from '../support/shipped.ts'

it('tells of names of one key group that hold different keys, each group once', () => {
  const environment = {
    ...{ GOOGLE_API_KEY: 'one', GEMINI_API_KEY: 'two', GOOGLE_GENERATIVE_AI_API_KEY: '' },
    ...{ ZAI_API_KEY: 'one', ZHIPU_API_KEY: 'two' },
    ...{ MOONSHOT_API_KEY: 'same', KIMI_API_KEY: 'same' },
    ...{ OPENAI_API_KEY: 'alone' },
  }
  expect(differingKeys(shipped, platformOf(environment))).toEqual([
    { group: 'GOOGLE_API_KEY', names: ['GOOGLE_API_KEY', 'GEMINI_API_KEY'] },
    { group: 'ZAI_API_KEY', names: ['ZAI_API_KEY', 'ZHIPU_API_KEY'] },
  ])
})
