import { describe, expect, it } from 'vitest'
import { cohereChat } from '../../providers/cohere/chat.ts'
import { priceUsage } from '../../src/ledger/cost.ts'

const usage = {
  billed_units: { input_tokens: 65, output_tokens: 63 },
  tokens: { input_tokens: 508, output_tokens: 86, reasoning_tokens: 28 },
  cached_tokens: 144,
}

describe('a provider that bills others than it counts', () => {
  const told = cohereChat.readUsage({ usage })

  it('tells both', () => {
    expect(told).toMatchObject({ input: 508, output: 86, cacheRead: 144, reasoning: 28, billed: { input: 65, output: 63 } })
  })

  it('is paid what it bills, of which no part has a rate of its own', () => {
    const price = { input: 2_500_000, output: 10_000_000, cacheRead: 1, reasoning: 1, snapshot: 's' }
    expect(priceUsage(price, told, 'platform')).toEqual({
      lines: [
        { what: 'input', quantity: 65, rate: 2_500_000 },
        { what: 'output', quantity: 63, rate: 10_000_000 },
      ],
      cost: 792_500,
      charge: 792_500,
    })
  })
})
