/**
 * Compiles a pattern in which `*` stands for any characters, slashes too, and everything else for itself; case counts and the whole text must
 * match. Each part is looked for once, left to right and never again, so no pattern makes matching explode as a regular expression can.
 */
export function compileGlob(pattern: string): (text: string) => boolean {
  const [head = '', ...rest] = pattern.split('*')
  const tail = rest.pop()
  if (tail === undefined) return (text) => text === pattern
  return (text) => {
    const end = text.length - tail.length
    if (!text.startsWith(head) || !text.endsWith(tail)) return false
    let at = head.length
    for (const part of rest) {
      const found = text.indexOf(part, at)
      if (found < 0) return false
      at = found + part.length
    }
    return at <= end
  }
}

/** True of a name that one of the patterns matches and none of those after a `!` does. */
export function compileGlobs(patterns: readonly string[]): (text: string) => boolean {
  const listed = patterns.filter((pattern) => !pattern.startsWith('!')).map(compileGlob)
  const excluded = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => compileGlob(pattern.slice(1)))
  return (text) => listed.some((matches) => matches(text)) && !excluded.some((matches) => matches(text))
}
