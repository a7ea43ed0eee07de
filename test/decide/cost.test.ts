import { describe, expect, it } from 'vitest'
import { costs } from '../bench/decision.ts'

// `npm run bench -- --only decision` holds the 99th percentile; here other suites run beside and take the processor away.
describe('over 2,000 models of 60 providers', () => {
  it.each(costs(1_000))('a $what takes no longer than it may, as a rule', ({ p50, floor }) => expect(p50).toBeLessThan(floor))
})
