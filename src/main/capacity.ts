import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Settings } from '../config/settings.ts'
import type { Capacity } from '../policy/crowd.ts'

/** Milliseconds between two looks. */
const LOOK = 1_000
const RESOLUTION = 20

/** How much this process takes on: a number of requests, and no more while its loop is late. */
export function capacityOf({ overload: { running, delay } }: Pick<Settings, 'overload'>): Capacity {
  const loop = monitorEventLoopDelay({ resolution: RESOLUTION })
  loop.enable()
  let slow = false
  setInterval(() => {
    slow = loop.mean / 1e6 - RESOLUTION > delay
    loop.reset()
  }, LOOK).unref()
  return { running, slow: () => slow }
}
