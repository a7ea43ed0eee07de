/** Chance that a seed brings back. */
export interface Random {
  /** At least 0 and below 1. */
  next(): number
  /** A whole number, both bounds among them. */
  between(least: number, most: number): number
  /** True for this share of the calls. */
  chance(share: number): boolean
  pick<T>(list: readonly T[]): T
}

/** Mulberry32: one multiplication a number, and every seed its own row. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1))
  return { next, between, chance: (share) => next() < share, pick: (list) => list[between(0, list.length - 1)]! }
}
