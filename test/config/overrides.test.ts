import { describe, expect, it } from 'vitest'
import { encodeOverrides, parseOverrides } from '../../src/config/overrides.ts'

describe('overrides', () => {
  it('say in JSON what a plan says, with null for unlimited', () => {
    const written = {
      limits: { rpm: null },
      budget: null,
      models: null,
      byok: { allowed: true },
      expires_at: '2030-01-01T00:00:00Z',
      reason: 'trial',
    }
    expect(parseOverrides(written)).toEqual({
      values: { limits: { rpm: null }, budget: null, models: ['*'], byok: { allowed: true } },
      expires_at: '2030-01-01T00:00:00Z',
      reason: 'trial',
    })
  })

  it('lift every limit where limits is null', () => {
    expect(parseOverrides({ limits: null }).values).toEqual({ limits: { rpm: null, tpm: null, concurrency: null } })
  })

  it.each([
    [{ providers: ['demo'] }],
    [{ budget: { usd: 12.5, per: 'day' } }],
    [{ budget: { usd: '9007199.254740991', per: 'total' } }],
    [{ budget: null, limits: { tpm: null, rpm: 5 } }],
    [{ prices: { 'openai/gpt-6-luna': { input: 0.1, output: 0.123457, request: 0.012, tiers: [{ above: 5, input: 1 }] } } }],
    [
      {
        prices: { 'a/b/c': { input: 1, variants: [{ service: 'flex', hours: '01:00-24:00', days: ['sun', 'sat'], cache_write_1h: 2.5 }] } },
      },
    ],
    [{ priority: 9, reason: 'a launch', expires_at: '2030-01-01T00:00:00+02:00' }],
  ])('%j come back as they were given', (written) => {
    const parsed = parseOverrides(written)
    expect(encodeOverrides(parsed)).toEqual(written)
    const { values, ...rest } = parsed
    expect(parseOverrides(JSON.parse(JSON.stringify({ ...values, ...rest })))).toEqual(parsed)
  })

  it.each([
    [{ modles: [] }, 'overrides: modles: "modles" is no key here; did you mean "models"?'],
    [{ limits: { rpm: 'many' } }, 'overrides: limits.rpm: Give a whole number, or none for unlimited.'],
    [{ expires_at: 'soon' }, 'overrides: expires_at: Write a time such as 2030-01-31T00:00:00Z.'],
    [{ was: ['x'] }, expect.stringContaining('overrides: was: "was" is no key here; known are models, ')],
    [{ prices: { 'gpt-6-luna': {} } }, expect.stringContaining('Name what is priced as provider/wire-model.')],
    [{ prices: { 'openai/x': { input: -1 } } }, expect.stringContaining('overrides: prices')],
    [{ prices: { 'openai/x': { pico: { input: -1 } } } }, expect.stringContaining('overrides: prices')],
    ['none', 'overrides: Give a map of keys here, not text.'],
  ])('%j are refused in words', (written, message) => {
    expect(() => parseOverrides(written)).toThrow(expect.objectContaining({ code: 'invalid_value', message }))
  })
})
