import { expect, it } from 'vitest'
import type { Step } from '../../src/contract/dialect.ts'
import { each, pipe } from '../../src/wire/step.ts'

/** Gives items in pairs, and at the end the one left over. */
function pairs(): Step<string, string> {
  let held: string | undefined
  return {
    push: (item) => {
      const pair = held === undefined ? [] : [held + item]
      held = held === undefined ? item : undefined
      return pair
    },
    end: () => (held === undefined ? [] : [held]),
  }
}

it.each([
  ['abcdefg', ['abcd'], ['efg']],
  ['abcdef', ['abcd'], ['ef']],
  ['abc', [], ['abc']],
  ['', [], []],
])('a pipe of %j passes everything on, and at the end what either stage still holds', (letters, passed, owed) => {
  const piped = pipe(pairs(), pairs())
  expect([...letters].flatMap((letter) => piped.push(letter))).toEqual(passed)
  expect(piped.end()).toEqual(owed)
})

it('each converts item by item and owes nothing', () => {
  const lengths = each((text: string) => text.length)
  expect([lengths.push('abc'), lengths.push(''), lengths.end()]).toEqual([[3], [0], []])
})
