import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../src/wire/canonical-json.ts'

describe('canonical JSON', () => {
  it.each([
    ['keys in another order, at any depth', '{"b":{"d":1,"c":[{"f":1,"e":2}]},"a":2}', '{"a":2,"b":{"c":[{"e":2,"f":1}],"d":1}}'],
    ['other white space', '{ "a" : [ 1 ,\n2 ] }', '{"a":[1,2]}'],
    ['letters escaped otherwise', '{"\\u0061":"\\u00e9\\/"}', '{"a":"é/"}'],
  ])('is the same for %s', (_what, one, other) => {
    expect(canonicalJson(one)).toBe(canonicalJson(other))
  })

  it.each([
    ['19-digit numbers that share a double', '{"id":9007199254740993}', '{"id":9007199254740992}'],
    ['a number beyond doubles, and null', '{"n":1e400}', '{"n":null}'],
    ['a number below doubles, and zero', '{"n":1e-400}', '{"n":0}'],
    ['zero and its negative', '{"n":-0}', '{"n":0}'],
    ['a number and one written otherwise', '{"n":1.0}', '{"n":1}'],
    ['lists in another order', '[1,2]', '[2,1]'],
    ['a text and the number in it', '{"n":"1"}', '{"n":1}'],
    ['a number and an object that looks like how its digits are kept', '{"n":1e400}', '{"n":{"rawJSON":"1e400"}}'],
    ['an object with __proto__ for a key, and one without', '{"__proto__":{"a":1}}', '{}'],
  ])('tells apart %s', (_what, one, other) => {
    expect(canonicalJson(one)).not.toBe(canonicalJson(other))
  })

  it('says what the text said, and of what it says itself nothing changes', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const canonical = canonicalJson(text)
        expect(JSON.parse(canonical)).toEqual(JSON.parse(text))
        expect(canonicalJson(canonical)).toBe(canonical)
      }),
    )
  })
})
