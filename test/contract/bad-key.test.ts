import { describe, expect, it } from 'vitest'
import { saysBadKey } from '../../src/contract/bad-key.ts'
import type { ProviderFailure } from '../../src/contract/dialect.ts'
import { providerOf } from '../support/shipped.ts'

describe('what says that a key is bad', () => {
  const rows: [asked: [provider: string, status: number], failure: ProviderFailure | undefined, bad: boolean][] = [
    [['openai', 401], undefined, true],
    [['openai', 403], { message: 'Incorrect API key provided' }, false],
    [['openai', 400], { message: 'Incorrect API key provided' }, false],
    [['google', 400], { message: 'API key not valid.', type: 'INVALID_ARGUMENT', code: 'API_KEY_INVALID' }, true],
    [['google', 400], { message: 'Please use a valid role.', type: 'INVALID_ARGUMENT' }, false],
    [['google', 403], { message: 'Method not allowed', type: 'PERMISSION_DENIED' }, false],
    [['xai', 400], { message: 'Incorrect API key provided: xa***9. You can obtain one from the console.' }, true],
    [['xai', 400], { message: 'Model x does not support parameter stop.' }, false],
    [['xai', 400], { message: 'The tool said: Incorrect API key provided' }, false],
    [['minimax', 502], { message: 'login fail', code: '1004' }, true],
    [['minimax', 502], { message: 'rate limit', code: '1002' }, false],
    [['minimax', 502], undefined, false],
  ]

  it.each(rows)('%j with %j: %s', ([provider, status], failure, bad) => {
    expect(saysBadKey(providerOf(provider), status, failure)).toBe(bad)
  })
})
