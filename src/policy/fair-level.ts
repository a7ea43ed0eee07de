/**
 * The level up to which each may have as much as it uses, by weight, so that all of it is shared out (weighted max-min fairness): who uses less
 * than its share leaves the rest to the others. Without end where there is enough for everybody.
 */
export function fairLevel(all: number, uses: readonly { readonly used: number; readonly weight: number }[]): number {
  let left = all
  let weights = uses.reduce((sum, { weight }) => sum + weight, 0)
  for (const { used, weight } of uses.toSorted((a, b) => a.used / a.weight - b.used / b.weight)) {
    if (used > (left * weight) / weights) return left / weights
    left -= used
    weights -= weight
  }
  return Number.POSITIVE_INFINITY
}
