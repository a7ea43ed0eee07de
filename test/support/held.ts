import type { LimitRefusal } from '../../src/contract/decision.ts'
import type { Hold } from '../../src/contract/gateway.ts'

/** What one process lets in by itself, at once. */
export function held(admitted: Hold | Promise<Hold | LimitRefusal>): Hold {
  if (admitted instanceof Promise) throw new Error('Nobody but this process should have a say in it.')
  return admitted
}

/** For limits of rates alone. */
export const NO_METERS = { bound: () => 0, standing: async () => [] }
