import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Roster } from '../../src/contract/roster.ts'

const some = (count: number) => Array.from({ length: count }, (_, name) => ({ name, seat: -1 }))

describe('a roster', () => {
  it('holds those who came and have not left, in whatever order they do', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 9 })), (moves) => {
        const all = some(10)
        const roster = new Roster<(typeof all)[number]>()
        const here = new Set<(typeof all)[number]>()
        for (const one of moves.map((move) => all[move]!)) {
          if (here.delete(one)) roster.delete(one)
          else roster.add([...here.add(one)].at(-1)!)
        }
        expect(new Set(roster)).toEqual(here)
        expect(roster.size).toBe(here.size)
      }),
    )
  })

  it('does not mind one who leaves twice', () => {
    const [first, second] = some(2) as [{ name: number; seat: number }, { name: number; seat: number }]
    const roster = new Roster<typeof first>()
    roster.add(first)
    roster.add(second)
    for (const _ of [1, 2]) roster.delete(first)
    expect([...roster]).toEqual([second])
  })

  it('is walked whole although everyone leaves on the way', () => {
    const all = some(3)
    const roster = new Roster<(typeof all)[number]>()
    for (const one of all) roster.add(one)
    const met: number[] = []
    for (const one of roster) {
      met.push(one.name)
      roster.delete(one)
    }
    expect({ met, left: roster.size }).toEqual({ met: [0, 1, 2], left: 0 })
  })
})
