import { Misused } from './api.ts'
import type { SimulationReport } from './local.ts'
import { facts, type Paint, table } from './table.ts'
import { listOf, type Verb } from './verb.ts'

export const simulate: Verb = {
  use: 'simulate',
  does: 'judge what tenants really asked for under a changed configuration: who loses or gains which models, what moves, what it costs; exit 1 on a loss',
  options: [
    { flags: '--since <time>', means: 'how far back: 7d, 30d, at most 35d; 30d where not given' },
    { flags: '--plans <file>', means: 'with this plans.yaml' },
    { flags: '--catalog <file>', means: 'with the models and prices of this list' },
    { flags: '--config <folder>', means: 'with all files of this folder' },
    { flags: '--without <providers>', means: 'without these providers, with commas' },
  ],
  examples: ['simulate --since 30d --plans plans-next.yaml', 'simulate --without acme', 'simulate --catalog catalog-next.json --json'],
  local: true,
  run: async ({ local, text, paint }) => {
    const options = {
      ...{ days: daysOf(text('since') ?? '30d'), plans: text('plans'), catalog: text('catalog'), folder: text('config') },
      without: listOf(text('without')) ?? [],
    }
    const report = await (await local()).simulate(options)
    return { json: report, text: reportText(report, paint), wrong: report.lost > 0 }
  },
}

function daysOf(since: string): number {
  const [, count = ''] = /^(\d{1,2})d$/.exec(since) ?? []
  const days = Number(count)
  if (days >= 1 && days <= 35) return days
  throw new Misused(`--since takes 1d to 35d, not "${since}".`)
}

function reportText(report: SimulationReport, paint: Paint): string {
  const { calls, skipped, changes, before, after, lost } = report
  if (calls === 0) return 'Nothing was asked in that time, so there is nothing to replay.'
  const rows = changes.map(({ kind, tenant, model, calls: count, from, to, because }) => [kind, tenant, model, count, from, to, because])
  const verdict = lost > 0 ? paint.bad(`${lost} of ${calls} calls would be lost.`) : paint.good(`None of ${calls} calls would be lost.`)
  const sums = [
    ['refused', `${before.refused} -> ${after.refused}`],
    ['waived', `${before.waived} -> ${after.waived} (enforcement: observe)`],
    ['cost', `${before.cost_usd} -> ${after.cost_usd} USD`],
    ['charge', `${before.charge_usd} -> ${after.charge_usd} USD`],
    ['unpriced', `${before.unpriced} -> ${after.unpriced} calls, in no sum`],
    ...(skipped > 0 ? [['skipped', `${skipped} calls: of tenants that are gone, or of more kinds than are kept`] as const] : []),
  ] as const
  return [verdict, ...(rows.length > 0 ? [table(HEADS, rows, paint)] : []), facts(sums, paint)].join('\n\n')
}

const HEADS = ['', 'tenant', 'model', 'calls', 'now', 'then', 'because']
