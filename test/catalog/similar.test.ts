import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { similarNames } from '../../src/catalog/similar.ts'

describe('names that are close', () => {
  it('are exactly those within a quarter of the letters, three at most, by the plain definition of the distance', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', '-'), minLength: 1, maxLength: 16 })
    fc.assert(
      fc.property(word, word, (asked, known) => {
        const close = distance(asked, known) <= Math.min(3, Math.floor(asked.length / 4))
        expect(similarNames([known])(asked)).toEqual(close ? [known] : [])
      }),
      { numRuns: 2_000 },
    )
  })

  it('are three at most, the closest first', () => {
    expect(similarNames(['gpt-4.1', 'gpt-4.1-mini', 'gpt-4.2-mini', 'gpt-4.1-nano', 'gpt-4.11-mini'])('gpt-4.1-min')).toEqual([
      'gpt-4.1-mini',
      'gpt-4.2-mini',
      'gpt-4.11-mini',
    ])
  })
})

/** Letters to insert, drop or replace: the recursive definition. */
function distance(a: string, b: string, known = new Map<string, number>()): number {
  const key = `${a.length} ${b.length}`
  const found = known.get(key)
  if (found !== undefined) return found
  const [left, right] = [a.slice(1), b.slice(1)]
  const away =
    a === '' || b === ''
      ? a.length + b.length
      : Math.min(distance(left, b, known) + 1, distance(a, right, known) + 1, distance(left, right, known) + (a[0] === b[0] ? 0 : 1))
  known.set(key, away)
  return away
}
