const MOST = 3
/** Longer names are nobody's typing error, and comparing them would cost what a flood of them could use. */
const LONGEST = 64

/**
 * Finds the known names closest to one that is unknown, at most three: those whose last part, in any case, is a few letters away.
 * For a sentence to a person only; no request is ever served by a name that is merely close.
 */
export function similarNames(names: readonly string[]): (asked: string) => readonly string[] {
  const known = names.map((name) => ({ name, part: lastPart(name) }))
  return (asked) => {
    const part = asked.length > LONGEST ? '' : lastPart(asked)
    const reach = Math.min(3, part.length >> 2)
    if (part === '') return []
    return known
      .map((other) => ({ name: other.name, away: distance(part, other.part, reach) }))
      .filter(({ away }) => away <= reach)
      .sort((a, b) => a.away - b.away)
      .slice(0, MOST)
      .map(({ name }) => name)
  }
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).toLowerCase()
}

/** Levenshtein's distance where it is at most `reach`, something greater elsewhere: only the diagonal band that can matter is computed. */
function distance(a: string, b: string, reach: number): number {
  if (Math.abs(a.length - b.length) > reach) return reach + 1
  let above = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const [from, to] = [Math.max(1, row - reach), Math.min(b.length, row + reach)]
    const current = [...above]
    current[from - 1] = from === 1 ? row : reach + 1
    for (let column = from; column <= to; column++) {
      const changed = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      current[column] = Math.min(changed, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1)
    }
    if (current.slice(from, to + 1).every((away) => away > reach)) return reach + 1
    above = current
  }
  return above[b.length] ?? reach + 1
}
