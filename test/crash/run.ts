// npm run test:crash [-- --engine sqlite|postgres] [--kills N] [--seed S] [--json]
// Kills the gateway and harms its database again and again under load, and compares the provider's journal with the books.

import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { campaign, type Report } from './campaign.ts'

const { values } = parseArgs({
  options: { engine: { type: 'string' }, kills: { type: 'string' }, seed: { type: 'string' }, json: { type: 'boolean' } },
})
const engine = values.engine ?? 'sqlite'
if (engine !== 'sqlite' && engine !== 'postgres') throw new Error(`--engine is sqlite or postgres, not ${engine}.`)
const rounds = Number(values.kills ?? (engine === 'sqlite' ? 2_000 : 300))
const seed = Number(values.seed ?? randomInt(2 ** 31))

const began = performance.now()
const seconds = () => Math.round((performance.now() - began) / 1_000)
const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((total, count) => total + count, 0)

let stopped = false
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (stopped = true))
const report = await campaign({ engine, rounds, seed, every: 25, onRound: tell, stopped: () => stopped })
if (values.json) console.log(JSON.stringify({ ...report, seconds: seconds() }, undefined, 2))
else console.log(`${shown(report)}\n${sum(report.harms)} rounds in ${seconds()} s; seed ${seed}`)
process.exitCode = report.wrong.length > 0 ? 1 : 0

function tell({ harms, attempts, wrong }: Report): void {
  if (values.json) return
  const line = `${sum(harms)} of ${rounds} rounds, ${sum(attempts)} attempts compared, ${wrong.length} wrong, ${seconds()} s`
  if (process.stderr.isTTY) process.stderr.write(`\r${line}\x1b[K`)
  else if (sum(harms) % 25 === 0) process.stderr.write(`${line}\n`)
}

function shown({ harms, answers, attempts, wrong }: Report): string {
  const rows = Object.entries({ harms, answers, attempts }).map(
    ([name, counts]) =>
      `${name.padEnd(10)}${Object.entries(counts)
        .map(([what, count]) => `${count} ${what}`)
        .join(', ')}`,
  )
  return ['', ...rows, '', wrong.length === 0 ? 'Provider, clients and books agree.' : wrong.join('\n')].join('\n')
}
