import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileGlob } from '../../src/wire/glob.ts'

describe('a glob', () => {
  it.each([
    ['openai/gpt-5', 'openai/gpt-5', true],
    ['openai/gpt-5', 'openai/gpt-5-mini', false],
    ['openai/gpt-5', 'OpenAI/gpt-5', false],
    ['*', '', true],
    ['*', 'fireworks/accounts/x/models/y', true],
    ['openai/*', 'openai/', true],
    ['openai/*', 'openai', false],
    ['*/o1-pro', 'openrouter/openai/o1-pro', true],
    ['*/o1-pro', 'openai/o1-pro-2', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['ab*bc', 'abc', false],
    ['*ab*ab', 'ab', false],
    ['*a*b*', 'xbxaxbx', true],
    ['a**b', 'ab', true],
    ['', '', true],
    ['', 'a', false],
    ['a.c', 'abc', false],
    ['a?[b]', 'a?[b]', true],
  ])('%j against %j is %s', (pattern, text, matches) => {
    expect(compileGlob(pattern)(text)).toBe(matches)
  })

  it('agrees with a matcher that tries everything', () => {
    const letters = fc.stringMatching(/^[ab]{0,8}$/)
    fc.assert(
      fc.property(fc.stringMatching(/^[ab*]{0,6}$/), letters, (pattern, text) => {
        expect(compileGlob(pattern)(text)).toBe(tryEverything(pattern, text))
      }),
      { numRuns: 5_000 },
    )
  })

  it('answers at once where a regular expression would try for hours', () => {
    const matches = compileGlob(`${'*a'.repeat(1_000)}*z*`)
    const began = performance.now()
    expect(matches('a'.repeat(20_000))).toBe(false)
    expect(performance.now() - began, 'milliseconds').toBeLessThan(100)
  })
})

function tryEverything(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  if (pattern[0] === '*') return tryEverything(pattern.slice(1), text) || (text !== '' && tryEverything(pattern, text.slice(1)))
  return pattern[0] === text[0] && tryEverything(pattern.slice(1), text.slice(1))
}
