import { randomInt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { campaign } from './campaign.ts'

// A short run of `npm run test:crash`, on books in SQLite.

const seed = randomInt(2 ** 31)

describe(`kill -9 under load, 12 times (seed ${seed})`, () => {
  it('F-58 on SQLite: what the provider accepted, what clients were told and what the books say agree, and no budget is overdrawn', async () => {
    const { wrong, attempts, answers } = await campaign({ engine: 'sqlite', rounds: 12, seed, every: 6 })
    expect(wrong).toEqual([])
    expect(attempts).toMatchObject({ settled: expect.any(Number), estimated: expect.any(Number), released: expect.any(Number) })
    expect(answers['told']).toBeGreaterThan(20)
  }, 120_000)
})
