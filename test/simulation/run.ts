// npm run test:simulation [-- --schedules N] [--seed S]: ten million schedules of ledger, limits and clock, beside their model.

import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { simulate } from './schedule.ts'

const { values } = parseArgs({ options: { schedules: { type: 'string' }, seed: { type: 'string' } } })
const schedules = Number(values.schedules ?? 10_000_000)
const first = Number(values.seed ?? randomInt(2 ** 31))

const AT_ONCE = 10_000
const began = performance.now()
for (let done = 0; done < schedules; done += AT_ONCE) {
  simulate(first + done, Math.min(AT_ONCE, schedules - done))
  if (process.stderr.isTTY) process.stderr.write(`\r${done + AT_ONCE} of ${schedules} schedules\x1b[K`)
}
console.log(`\n${schedules} schedules from seed ${first} agree with the model; ${Math.round((performance.now() - began) / 1_000)} s`)
