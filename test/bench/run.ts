// npm run bench [-- --quick] [--json] [--only governed,streamed,…] [--prof DIR]
// What the gateway costs, as ratios to a bare proxy within one run. `--prof` leaves a CPU profile of our gateway in DIR.

import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { decision } from './decision.ts'
import { FULL, governed, latency, megabytes, memory, QUICK, type Row, starts, streamed } from './rows.ts'
import { setStage } from './stage.ts'
import { table } from './table.ts'
import { translated } from './translated.ts'

/** Measured with everybody on the stage. */
const FIGURES = { governed, streamed, translated, megabytes, latency, memory, starts }
/** Measured in this process. */
const ALONE = { decision }

const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' }, only: { type: 'string' }, prof: { type: 'string' } },
})
const wanted = values.only?.split(',') ?? Object.keys({ ...ALONE, ...FIGURES })
const flags = values.prof === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.prof}`]

const began = performance.now()
const effort = values.quick ? QUICK : FULL
const rows: Row[] = []
for (const [name, figure] of wantedOf(ALONE)) {
  tell(name)
  rows.push(...figure(effort))
}
if (wantedOf(FIGURES).length > 0) await onStage()

async function onStage(): Promise<void> {
  const stage = await setStage(flags)
  try {
    for (const [name, figure] of wantedOf(FIGURES)) {
      tell(name)
      rows.push(...(await figure(stage, effort)))
    }
  } finally {
    await stage.close()
  }
}

function wantedOf<Figure>(figures: Readonly<Record<string, Figure>>): [name: string, figure: Figure][] {
  return Object.entries(figures).filter(([name]) => wanted.includes(name))
}

function tell(name: string): void {
  if (!values.json) process.stderr.write(`${name}…\n`)
}

const machine = `Node ${process.version}, ${availableParallelism()} cores of ${cpus()[0]?.model ?? 'an unknown processor'}`
if (values.json) console.log(JSON.stringify({ machine, rows }, undefined, 2))
else console.log(`\n${table(rows)}\n\n${machine}; ${Math.round((performance.now() - began) / 1000)} s`)
