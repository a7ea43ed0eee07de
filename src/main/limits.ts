import type { Source } from '../contract/meter.ts'
import { boundOf } from '../ledger/metering.ts'
import { createLimits, type Limits, type LimitsInput } from '../policy/limits.ts'
import { steady } from './steady.ts'
import type { World } from './world.ts'

/** What binds requests under one configuration's calendar, as the books have it. */
export function limitsOf(
  { now, store, configured }: Pick<World, 'now' | 'store' | 'configured'>,
  more: Pick<LimitsInput, 'shared' | 'capacity' | 'onPassed'> = {},
): Limits {
  const { timezone } = configured().config.settings
  const standing = (sources: readonly Source[]) => store.ledger.standing(sources)
  return createLimits({ now, steady, timezone, bound: boundOf, standing, ...more })
}
