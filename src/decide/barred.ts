import type { Ask } from '../contract/decision.ts'
import type { Roster } from '../contract/ranking.ts'
import type { Bench } from './bench.ts'

/**
 * For each candidate of a roster, before which payers it was refused by rules that hold until plan, key or catalogue change: remembered per
 * plan, narrowing of the gateway key, endpoint and needs, all of them objects that a new configuration makes anew.
 */
export function barredBefore({ plan, narrowed, ask }: Bench, roster: Roster): Uint8Array {
  const plans = remembered(memory, roster, () => new Map<object, WeakMap<object, Map<string, Uint8Array>>>())
  if (plans.size >= MOST_PLANS && !plans.has(plan)) plans.clear()
  const keys = remembered(plans, plan, () => new WeakMap<object, Map<string, Uint8Array>>())
  const kinds = remembered(keys, narrowed ?? plan, () => new Map<string, Uint8Array>())
  if (kinds.size >= MOST_KINDS) kinds.clear()
  return remembered(kinds, kindOf(ask), () => new Uint8Array(roster.candidates.length))
}

const memory = new WeakMap<Roster, Map<object, WeakMap<object, Map<string, Uint8Array>>>>()

/** A tenant with overrides has a plan of its own. */
const MOST_PLANS = 1_000
const MOST_KINDS = 32

function kindOf({ endpoint, family, needs }: Ask): string {
  const wanted = Object.entries(needs).filter(([, wants]) => wants)
  return `${endpoint} ${family} ${wanted.map(([need]) => need)}`
}

interface Memory<Key, Value> {
  get(key: Key): Value | undefined
  set(key: Key, value: Value): unknown
}

function remembered<Key, Value>(known: Memory<Key, Value>, key: Key, make: () => Value): Value {
  const before = known.get(key)
  if (before !== undefined) return before
  const made = make()
  known.set(key, made)
  return made
}
