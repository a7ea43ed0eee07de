// npm run bench [-- --quick] [--json] [--only governed,streamed,…] [--prof DIR]
// What the gateway costs, as ratios to a bare proxy within one run. `--prof` leaves a CPU profile of our gateway in DIR.

import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { FULL, governed, latency, megabytes, memory, QUICK, type Row, starts, streamed } from './rows.ts'
import { setStage } from './stage.ts'
import { table } from './table.ts'
import { translated } from './translated.ts'

const FIGURES = { governed, streamed, translated, megabytes, latency, memory, starts }

const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' }, only: { type: 'string' }, prof: { type: 'string' } },
})
const wanted = values.only?.split(',') ?? Object.keys(FIGURES)
const flags = values.prof === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.prof}`]

const began = performance.now()
const stage = await setStage(flags)
const rows: Row[] = []
try {
  for (const [name, figure] of Object.entries(FIGURES)) {
    if (!wanted.includes(name)) continue
    if (!values.json) process.stderr.write(`${name}…\n`)
    rows.push(...(await figure(stage, values.quick ? QUICK : FULL)))
  }
} finally {
  await stage.close()
}

const machine = `Node ${process.version}, ${availableParallelism()} cores of ${cpus()[0]?.model ?? 'an unknown processor'}`
if (values.json) console.log(JSON.stringify({ machine, rows }, undefined, 2))
else console.log(`\n${table(rows)}\n\n${machine}; ${Math.round((performance.now() - began) / 1000)} s`)
