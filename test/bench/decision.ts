// What a decision costs, in this process and without a network: the 99th percentile over warm decisions.

import type { Ask } from '../../src/contract/decision.ts'
import type { Plan } from '../../src/contract/plan.ts'
import { decide } from '../../src/decide.ts'
import { LARGE, largeSnapshot, modelNamed } from '../support/large-catalogue.ts'
import { ask, callerOn } from '../support/scene.ts'
import type { Effort, Row } from './rows.ts'

/** Plans that leave most of the catalogue, little of it, and the models of one tier. */
const PLANS: Readonly<Record<string, Partial<Omit<Plan, 'id'>>>> = {
  'all models': {},
  'one tier, no own keys': { models: ['premium'], byok: { allowed: false, models: 'any', providers: [] } },
  'a few models': { models: Array.from({ length: 20 }, (_, at) => modelNamed(at * 100)) },
}

const SIZE = `${LARGE.models} models × ${LARGE.providers} providers, ${LARGE.models * LARGE.offers} offers`

export function decision({ requests }: Pick<Effort, 'requests'>): Row[] {
  return costs(requests * 4).map(({ what, floor, goal, p50, p99 }) => {
    return { what, unit: 'µs', floor, goal, measured: p99, note: `p99; p50 ${p50.toFixed(1)} µs; ${SIZE}` }
  })
}

/** Microseconds, over so many decisions of each kind. */
export function costs(times: number): (Cost & Pick<Row, 'what' | 'floor' | 'goal'>)[] {
  const caller = callerOn()
  const named = Array.from({ length: 20 }, (_, at) => ask({ model: modelNamed(at * 100) }))
  return Object.entries(PLANS).flatMap(([plan, rules]) => {
    const snapshot = largeSnapshot(LARGE, rules)
    const costOf = (asks: readonly Ask[]) => percentiles((at) => decide(caller, asks[at % asks.length] ?? ask(), snapshot), times)
    return [
      { what: `decision for auto, ${plan}`, floor: 250, goal: 100, ...costOf(shapes('auto')) },
      { what: `decision for a named model, ${plan}`, floor: 30, goal: 10, ...costOf(named) },
    ]
  })
}

/** What apps ask for: short and long, with tools and without. */
function shapes(model: string): Ask[] {
  return [400, 1_500, 6_000, 30_000].flatMap((inputTokens) => [
    ask({ model, inputTokens }),
    ask({ model, inputTokens, maxOutput: 200, needs: { vision: true } }),
  ])
}

interface Cost {
  readonly p50: number
  readonly p99: number
}

const WARM_UP = 1_000

/** Left out are decisions in the middle of which the system took the processor away: their time is another process's. */
function percentiles(run: (at: number) => unknown, times: number): Cost {
  for (let at = 0; at < WARM_UP; at++) run(at)
  const took: number[] = []
  for (let at = 0; at < times; at++) {
    const switches = process.resourceUsage().involuntaryContextSwitches
    const began = performance.now()
    run(at)
    const passed = performance.now() - began
    if (process.resourceUsage().involuntaryContextSwitches === switches) took.push(passed * 1_000)
  }
  took.sort((a, b) => a - b)
  return { p50: took[took.length >> 1] ?? Number.NaN, p99: took[Math.floor(took.length * 0.99)] ?? Number.NaN }
}
