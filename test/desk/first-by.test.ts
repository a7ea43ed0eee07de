import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { firstBy } from '../../src/desk/first-by.ts'

describe('the first by name', () => {
  it('are those of the whole, sorted', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string()), fc.integer({ min: 1, max: 20 }), (names, limit) => {
        const sorted = names.toSorted((a, b) => (a < b ? -1 : 1)).slice(0, limit)
        expect(firstBy(names, limit, (name) => name)).toEqual(sorted)
      }),
    )
  })
})
