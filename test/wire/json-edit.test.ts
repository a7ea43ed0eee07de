import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editJson, type JsonEdit } from '../../src/wire/json-edit.ts'
import { scanJson } from '../../src/wire/json-scan.ts'

const edit = (text: string, ...edits: JsonEdit[]): string => editJson(scanJson(Buffer.from(text)), edits).toString()

describe('set', () => {
  it.each([
    ['replaces a value and nothing else', '{ "model" :\t"a" ,"n": 1.0 }', '{ "model" :\t"b" ,"n": 1.0 }'],
    ['finds a name spelt with escapes', '{"mod\\u0065l":"a"}', '{"mod\\u0065l":"b"}'],
    ['adds a field that is absent at the end', '{"n":12345678901234567890 }', '{"n":12345678901234567890,"model":"b" }'],
    ['adds to an empty object', ' { } ', ' {"model":"b" } '],
    ['leaves the like of it below alone', '{"x":{"model":"a"},"model":"a"}', '{"x":{"model":"a"},"model":"b"}'],
  ])('%s', (_, before, after) => {
    expect(edit(before, { set: 'model', json: '"b"' })).toBe(after)
  })
})

describe('drop', () => {
  it.each([
    ['the first field', '{\n  "x": 1,\n  "a": 2,\n  "b": 3\n}', '{\n  "a": 2,\n  "b": 3\n}'],
    ['a middle field', '{\n  "a": 2,\n  "x": 1,\n  "b": 3\n}', '{\n  "a": 2,\n  "b": 3\n}'],
    ['the last field', '{\n  "a": 2,\n  "b": 3,\n  "x": 1\n}', '{\n  "a": 2,\n  "b": 3\n}'],
    ['the only field', '{ "x": [1, {"x": 2}] }', '{  }'],
  ])('takes %s with its comma', (_, before, after) => {
    expect(edit(before, { drop: 'x' })).toBe(after)
  })
})

describe('rename', () => {
  it('changes the key and keeps the value, the place and the white space', () => {
    expect(edit('{"a":1, "max_tokens" : 5.0 ,"b":2}', { rename: 'max_tokens', to: 'max_completion_tokens' })).toBe(
      '{"a":1, "max_completion_tokens" : 5.0 ,"b":2}',
    )
  })

  it('drops the field where the new name is there already', () => {
    expect(edit('{"old":1,"new":2}', { rename: 'old', to: 'new' })).toBe('{"new":2}')
  })

  it('writes the new name as JSON', () => {
    expect(edit('{"a":1}', { rename: 'a', to: 'say "b"' })).toBe('{"say \\"b\\"":1}')
  })
})

describe('a body that no edit changes', () => {
  it.each([
    ['no edits', []],
    ['names that are absent', [{ drop: 'x' }, { rename: 'y', to: 'z' }]],
    ['a value set to what it is', [{ set: 'model', json: '"a"' }]],
    ['a name renamed to itself', [{ rename: 'model', to: 'model' }]],
    ['a field set and dropped again', [{ set: 'x', json: '1' }, { drop: 'x' }]],
  ] as [string, JsonEdit[]][])('is the same Buffer after %s', (_, edits) => {
    const body = Buffer.from('{"model":"a"}')
    expect(editJson(scanJson(body), edits)).toBe(body)
  })
})

describe('several edits', () => {
  it('hold one after the other', () => {
    expect(
      edit('{"a":1,"b":2,"c":3}', { rename: 'a', to: 'd' }, { set: 'd', json: '4' }, { drop: 'b' }, { drop: 'c' }, { set: 'e', json: '5' }),
    ).toBe('{"d":4,"e":5}')
  })

  it('give what the same edits give on the parsed object, whatever the white space', () => {
    fc.assert(
      fc.property(spacedBody(), fc.array(anyEdit(), { maxLength: 5 }), (text, edits) => {
        const entries = new Map<string, unknown>(Object.entries(JSON.parse(text)))
        for (const one of edits) apply(entries, one)
        const after = edit(text, ...edits)
        expect(JSON.parse(after)).toEqual(Object.fromEntries(entries))
        expect(scanJson(Buffer.from(after)).fields.size).toBe(entries.size)
      }),
      { numRuns: 2_000 },
    )
  })

  it('leave the spelling of every untouched field as it was, in the same order', () => {
    fc.assert(
      fc.property(spacedBody(), fc.array(anyEdit(), { maxLength: 5 }), (text, edits) => {
        const touched = new Set(edits.flatMap((one) => Object.values(one)))
        const untouched = (body: string) => spellings(body).filter(([name]) => !touched.has(name))
        expect(untouched(edit(text, ...edits))).toEqual(untouched(text))
      }),
      { numRuns: 2_000 },
    )
  })

  it('touch no byte outside the values they set', () => {
    fc.assert(
      fc.property(spacedBody(), (text) => {
        const scan = scanJson(Buffer.from(text))
        const sets = [...scan.fields.keys()].map((set) => ({ set, json: '"set"' }))
        let expected = ''
        let from = 0
        for (const { valueStart, valueEnd } of scan.fields.values()) {
          expected += `${scan.body.toString('utf8', from, valueStart)}"set"`
          from = valueEnd
        }
        expect(editJson(scan, sets).toString()).toBe(expected + scan.body.toString('utf8', from))
      }),
    )
  })
})

const names = ['a', 'b', 'c', 'd', 'é"', '__proto__x']
const anyName = () => fc.constantFrom(...names)

function anyEdit(): fc.Arbitrary<JsonEdit> {
  return fc.oneof(
    fc.record({ set: anyName(), json: fc.constantFrom('1', '"é"', '{"a":[1, 2]}', 'null') }),
    fc.record({ drop: anyName() }),
    fc.record({ rename: anyName(), to: anyName() }),
  )
}

function apply(entries: Map<string, unknown>, edit: JsonEdit): void {
  if ('set' in edit) entries.set(edit.set, JSON.parse(edit.json))
  else if ('drop' in edit) entries.delete(edit.drop)
  else if (entries.has(edit.rename) && edit.rename !== edit.to) {
    if (!entries.has(edit.to)) entries.set(edit.to, entries.get(edit.rename))
    entries.delete(edit.rename)
  }
}

/** Every field's key and value as they are spelt. */
function spellings(text: string): [name: string, key: string, value: string][] {
  const { body, fields } = scanJson(Buffer.from(text))
  return [...fields.values()].map(({ name, keyStart, keyEnd, valueStart, valueEnd }) => [
    name,
    body.toString('utf8', keyStart, keyEnd),
    body.toString('utf8', valueStart, valueEnd),
  ])
}

function spacedBody(): fc.Arbitrary<string> {
  const space = fc.stringMatching(/^[ \t\r\n]{0,2}$/)
  const value = fc.constantFrom('1.0', '12345678901234567890', '"a\\"b, é"', '{ "a" : [1,{"b":2}] }', '[]', 'true', '-0')
  const escaped = (name: string) => `"\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${JSON.stringify(name.slice(1)).slice(1)}`
  const member = fc.tuple(anyName(), fc.boolean(), value, fc.array(space, { minLength: 4, maxLength: 4 }))
  return fc.tuple(fc.uniqueArray(member, { selector: ([name]) => name }), space).map(([members, edge]) => {
    const parts = members.map(
      ([name, byCode, json, [a, b, c, d]]) => `${a}${byCode ? escaped(name) : JSON.stringify(name)}${b}:${c}${json}${d}`,
    )
    return `${edge}{${parts.join(',')}${members.length === 0 ? edge : ''}}${edge}`
  })
}
