import { randomInt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { simulate } from './schedule.ts'

const SCHEDULES = 100_000
const seed = randomInt(2 ** 31)

describe(`ledger, limits and clock, beside a model of thirty lines (from seed ${seed})`, () => {
  it('agree through 100,000 schedules: no budget or rate is overdrawn, nobody is refused who had room, balances are the sums of rows', () => {
    expect(() => simulate(seed, SCHEDULES)).not.toThrow()
  }, 300_000)
})
