import { randomInt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { missingServer } from '../support/postgres-server.ts'
import { type Campaign, campaign } from './campaign.ts'

// Short runs of `npm run test:crash`.

const seed = randomInt(2 ** 31)
const AGREE = 'what the provider accepted, what clients were told and what the books say agree, and no budget is overdrawn'

async function agree(engine: Campaign['engine'], rounds: number): Promise<void> {
  const { wrong, attempts, answers } = await campaign({ engine, rounds, seed, every: rounds / 2 })
  expect(wrong).toEqual([])
  expect(attempts['settled']).toBeGreaterThan(rounds)
  expect(attempts['estimated']).toBeGreaterThan(0)
  expect(answers['told']).toBeGreaterThan(rounds)
}

describe(`kill -9 under load (seed ${seed})`, () => {
  it(`F-58 12 times, on SQLite: ${AGREE}`, () => agree('sqlite', 12), 180_000)

  it.skipIf(missingServer)(
    `F-58 6 rounds with restarts of the server and connections cut at COMMIT, on PostgreSQL: ${AGREE}${missingServer ? `, skipped: ${missingServer}` : ''}`,
    () => agree('postgres', 6),
    180_000,
  )
})
