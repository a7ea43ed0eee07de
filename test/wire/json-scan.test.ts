import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../src/errors.ts'
import { readField, scanJson } from '../../src/wire/json-scan.ts'

const MIB = 1024 * 1024

describe('a body that is a JSON object', () => {
  it('yields every top-level field with the value that JSON.parse sees, in any white space', () => {
    fc.assert(
      fc.property(spacedObject(), ({ text }) => {
        const scan = scanJson(Buffer.from(text))
        const parsed = JSON.parse(text)
        expect([...scan.fields.keys()].sort()).toEqual(Object.keys(parsed).sort())
        for (const name of scan.fields.keys()) expect(readField(scan, name)).toEqual(parsed[name])
      }),
    )
  })

  it('keeps numbers as they are spelt', () => {
    const body = Buffer.from('{"seed":12345678901234567890, "top_p":1.0,"x":-0,"y":1e400}')
    const spelt = [...scanJson(body).fields.values()].map((field) => body.toString('utf8', field.valueStart, field.valueEnd))
    expect(spelt).toEqual(['12345678901234567890', '1.0', '-0', '1e400'])
  })

  it('says undefined for a field that is absent and null for one that is null', () => {
    const scan = scanJson(Buffer.from('{"a":null}'))
    expect([readField(scan, 'a'), readField(scan, 'b')]).toEqual([null, undefined])
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('treats the key %s as data', (name) => {
    const scan = scanJson(Buffer.from(`{"${name}":{"isAdmin":true}}`))
    expect([...scan.fields.keys()]).toEqual([name])
    expect(readField(scan, name)).toEqual({ isAdmin: true })
    expect(readField(scanJson(Buffer.from('{}')), name)).toBeUndefined()
    expect(Object.hasOwn(Object.prototype, 'isAdmin')).toBe(false)
  })

  it('reads strings that end in runs of backslashes', () => {
    for (let slashes = 0; slashes < 40; slashes++) {
      const value = '\\'.repeat(slashes)
      const scan = scanJson(Buffer.from(JSON.stringify({ a: value, b: `${value}"` })))
      expect([readField(scan, 'a'), readField(scan, 'b')]).toEqual([value, `${value}"`])
    }
  })

  it('reads strings whose escaped quotes stand near each other, or far apart', () => {
    for (let apart = 0; apart < 140; apart++) {
      const text = `"${'x'.repeat(apart)}"${'\\'.repeat(apart % 5)}"`
      const scan = scanJson(Buffer.from(JSON.stringify({ text, last: 1 })))
      expect(readField(scan, 'text'), `${apart} bytes apart`).toBe(text)
      expect(readField(scan, 'last'), `${apart} bytes apart`).toBe(1)
    }
  })

  it('decodes keys that are spelt with escapes', () => {
    expect([...scanJson(Buffer.from('{"mod\\u0065l":1,"a\\"b":2}')).fields.keys()]).toEqual(['model', 'a"b'])
  })

  it('takes as many levels and tokens as the limits say', () => {
    expect(scanJson(nested(64)).fields.size).toBe(1)
    expect(scanJson(Buffer.from('{"a":[1,2]}'), { limits: { depth: 2, tokens: 6 } }).fields.size).toBe(1)
  })
})

describe('marks', () => {
  const marks = ['image_url', 'file']
  const marked = (json: string) => scanJson(Buffer.from(json), { marks }).marks

  it('note the names asked for as keys below the top level, with the byte they stand at', () => {
    expect(marked('{"é":[{"type":"image_url","image_url" : {"url":"x"}},{"file":1}]}')).toEqual([
      { name: 'image_url', at: 27 },
      { name: 'file', at: 55 },
    ])
  })

  it.each([
    ['values', '{"a":["image_url",{"type":"file"}]}'],
    ['text that looks like a key', '{"a":["\\"image_url\\":1", "file:"]}'],
    ['longer and shorter names', '{"a":[{"image_urls":1,"image":2,"files":3,"fil":4,"":5}]}'],
    ['names of the top level', '{"image_url":1,"file":{}}'],
  ])('are not found in %s', (_, json) => {
    expect(marked(json)).toEqual([])
  })

  it('find a name spelt with escapes', () => {
    expect(marked('{"a":[{"im\\u0061ge_url":1}]}')).toEqual([{ name: 'image_url', at: 7 }])
  })
})

describe('a body that is refused', () => {
  it.each([
    ['nothing', ''],
    ['white space', ' \n'],
    ['null', 'null'],
    ['an array', '[1]'],
    ['a string', '"a"'],
    ['a number', '1'],
    ['a byte order mark', '\ufeff{}'],
    ['two roots', '{}{}'],
    ['something after the object', '{"a":1} x'],
    ['a comment', '{"a":1} // yes'],
    ['a comma at the end', '{"a":1,}'],
    ['a comma at the start', '{,"a":1}'],
    ['two commas', '{"a":1,,"b":2}'],
    ['no comma', '{"a":1 "b":2}'],
    ['no colon', '{"a" 1}'],
    ['no value', '{"a":}'],
    ['a bare key', '{a:1}'],
    ['single quotes', "{'a':1}"],
    ['a missing brace', '{"a":1'],
    ['brackets that do not pair', '{"a":[1}'],
    ['a bracket too many', '{"a":[1]]}'],
    ['a crossed pair', '{"a":[{"b":1]}}'],
    ['an unfinished string', '{"a":"b}'],
    ['a string whose last quote is escaped', '{"a":"b\\"}'],
    ['an unfinished key', '{"a'],
    ['an escape in a key that JSON does not have', '{"a\\x":1}'],
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le')],
  ])('for being or holding %s is invalid_json and names the byte', (_, body) => {
    const error = refusal(body)
    expect(error.code).toBe('invalid_json')
    expect(error.message).toMatch(/byte \d+/)
  })

  it('is refused wherever it breaks off', () => {
    const whole = Buffer.from('{"model":"a\\"b","messages":[{"role":"user","content":[{"x":1.5}]}],"n":1}')
    for (let cut = 0; cut < whole.length; cut++) expect(refusal(whole.subarray(0, cut)).code).toBe('invalid_json')
  })

  it.each([
    ['a lone byte', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 2],
    ['an overlong form', Buffer.from([0x7b, 0x22, 0x61, 0xc0, 0xaf]), 3],
    ['a raw surrogate', Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80]), 2],
    ['a character cut off at the end', Buffer.from([0x7b, 0x22, 0xe2, 0x82]), 2],
  ])('for %s that is not UTF-8 is invalid_utf8', (_, body, at) => {
    expect(refusal(body)).toMatchObject({ code: 'invalid_utf8', message: expect.stringContaining(`byte ${at}:`) })
  })

  it.each([
    ['plainly', '{"model":"a","stream":true,"model":"b"}', 'model', 27],
    ['with escapes', '{"model":"a","mod\\u0065l":"b"}', 'model', 13],
    ['twice with escapes', '{"\\u006dodel":"a","mo\\u0064el":"b"}', 'model', 18],
    ['as a prototype name', '{"__proto__":1,"__proto__":2}', '__proto__', 15],
    ['as the empty name', '{"":1,"":2}', '', 6],
  ])('for a key given twice %s is duplicate_key and names it', (...[, json, param, at]) => {
    expect(refusal(json)).toMatchObject({ code: 'duplicate_key', details: { param }, message: expect.stringContaining(`byte ${at}:`) })
  })

  it('keeps its error short however long the key is', () => {
    const key = 'k'.repeat(MIB)
    const error = refusal(`{"${key}":1,"${key}":2}`)
    expect(error.message.length + (error.details.param ?? '').length).toBeLessThan(300)
  })

  it('lets two of a kind stand below the top level, for the provider to judge', () => {
    expect(scanJson(Buffer.from('{"a":{"b":1,"b":2}}')).fields.size).toBe(1)
  })

  it('for one level or one token too many names the limit', () => {
    expect(refusal(nested(65))).toMatchObject({ code: 'json_too_deep', message: expect.stringContaining('64 levels') })
    const limits = { depth: 2, tokens: 5 }
    expect(() => scanJson(Buffer.from('{"a":[1,2]}'), { limits })).toThrowError(expect.objectContaining({ code: 'json_too_complex' }))
  })

  it('by its value alone is refused when that value is read, without a word of what it said', () => {
    const scan = scanJson(Buffer.from('{"model":trueish,"messages":[1 2 "my secret"]}'))
    for (const name of ['model', 'messages']) {
      const error = caught(() => readField(scan, name))
      expect(error).toMatchObject({ code: 'invalid_json', details: { param: name } })
      expect(`${error.message} ${String(error.cause)}`).not.toContain('secret')
    }
  })
})

describe('a hostile mebibyte', () => {
  const fill = (piece: string) => piece.repeat(Math.floor(MIB / piece.length))
  it.each([
    ['arrays in arrays', `{"a":${'['.repeat(MIB)}`, 'json_too_deep'],
    ['objects in objects', fill('{"a":'), 'json_too_deep'],
    ['a long list', `{"a":[${fill('1,')}1]}`, 'json_too_complex'],
    ['short keys', `{${Array.from({ length: 150_000 }, (_, i) => `"${i}":0`).join()}}`, 'json_too_complex'],
    ['escaped keys', `{${Array.from({ length: 90_000 }, (_, i) => `"\\u0041${i}":0`).join()}`, 'json_too_complex'],
    ['escaped keys below', `{"a":{${fill('"\\u0069":0,')}`, 'invalid_json'],
    ['backslashes without an end', `{"a":"${'\\'.repeat(MIB)}`, 'invalid_json'],
    ['escaped quotes without an end', `{"a":"${fill('\\"')}`, 'invalid_json'],
    ['quotes', `{"a":[${fill('""')}`, 'invalid_json'],
    ['white space', `{${' '.repeat(MIB)}`, 'invalid_json'],
    ['a number without an end', `{"a":${'1'.repeat(MIB)}`, 'invalid_json'],
    ['a bad last byte', Buffer.concat([Buffer.alloc(MIB, 'a'), Buffer.from([0xff])]), 'invalid_utf8'],
  ])('of %s is refused at once', (_, body, code) => {
    const bytes = Buffer.from(body)
    const marks = ['image_url', 'input_audio', 'file']
    const began = performance.now()
    const error = caught(() => scanJson(bytes, { marks }))
    const took = performance.now() - began
    if (process.env['FIGURES']) console.log(`${_}: ${took.toFixed(1)} ms`)
    expect(error.code).toBe(code)
    expect(took, 'milliseconds; the promise is 50 on an idle machine').toBeLessThan(250)
  })
})

/** Random objects of random keys and values, with random white space wherever JSON allows it. */
function spacedObject() {
  const space = fc.stringMatching(/^[ \t\r\n]{0,3}$/)
  const key = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string(), fc.constantFrom('__proto__', 'model', ''))
  const member = fc.tuple(key, fc.jsonValue(), fc.array(space, { minLength: 4, maxLength: 4 }), fc.boolean())
  return fc.uniqueArray(member, { selector: ([name]) => name, maxLength: 8 }).map((members) => {
    const parts = members.map(([name, value, [a, b, c, d], pretty]) => {
      return `${a}${JSON.stringify(name)}${b}:${c}${JSON.stringify(value, null, pretty ? 1 : 0)}${d}`
    })
    return { text: ` {${parts.join(',')}} ` }
  })
}

function nested(depth: number): Buffer {
  return Buffer.from(`{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`)
}

function refusal(body: string | Buffer): GatewayError {
  return caught(() => scanJson(Buffer.from(body)))
}

function caught(act: () => unknown): GatewayError {
  try {
    act()
  } catch (error) {
    if (error instanceof GatewayError) return error
    throw error
  }
  throw new Error('It was accepted.')
}
