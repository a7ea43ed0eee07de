import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../src/errors.ts'
import { boundaryOf, FormWatch } from '../../src/wire/multipart.ts'

const BOUNDARY = 'a-boundary'
const file = (bytes: Buffer | string, name = 'file') =>
  part(`Content-Disposition: form-data; name="${name}"; filename="a b.wav"\r\nContent-Type: audio/wav`, bytes)
const field = (name: string, value: string) => part(`Content-Disposition: form-data; name="${name}"`, value)
const part = (head: string, body: Buffer | string): Buffer =>
  Buffer.concat([Buffer.from(`--${BOUNDARY}\r\n${head}\r\n\r\n`), Buffer.from(body), Buffer.from('\r\n')])
const form = (...parts: readonly Buffer[]): Buffer => Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--\r\n`)])

function watched(bytes: Buffer, cuts: readonly number[] = []): FormWatch {
  const watch = new FormWatch(BOUNDARY, 'model')
  const places = [0, ...[...cuts].map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  for (let at = 1; at < places.length; at++) watch.push(bytes.subarray(places[at - 1], places[at]))
  watch.end()
  return watch
}

function refusedFor(bytes: Buffer): string {
  try {
    watched(bytes)
    return 'taken'
  } catch (error) {
    return error instanceof GatewayError ? error.code : String(error)
  }
}

describe('a form that goes by', () => {
  const noise = Buffer.from(Array.from({ length: 5_000 }, (_, at) => (at * 7919) % 256))

  it('gives the same value and place, wherever it is cut', () => {
    const bytes = form(file(noise), field('model', 'whisper-1'), field('language', 'de'))
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 40 }), (cuts) => {
        const { found } = watched(bytes, cuts)
        expect(found?.text).toBe('whisper-1')
        expect(bytes.toString('latin1', found?.start, found?.end)).toBe('whisper-1')
      }),
    )
  })

  it('gives it at every single cut of a small one', () => {
    const bytes = form(field('model', 'm'), file('\r\n--a-boundar\r\n\r\n'))
    for (let at = 0; at <= bytes.length; at++) expect(watched(bytes, [at]).found?.text, `cut at ${at}`).toBe('m')
  })

  it('may hold no model at all, or an empty one', () => {
    expect(watched(form(file('x'))).found).toBeUndefined()
    expect(watched(form(field('model', ''))).found?.text).toBe('')
  })

  it.each([
    ['a second model', form(field('model', 'cheap'), file('x'), field('model', 'dear')), 'duplicate_key'],
    ['a name without quotes', form(part('Content-Disposition: form-data; name=model', 'x')), 'invalid_value'],
    ['an escaped name', form(part('Content-Disposition: form-data; name="mod%65l"', 'x')), 'invalid_value'],
    ['a name in another charset', form(part("Content-Disposition: form-data; name*=utf-8''model", 'x')), 'invalid_value'],
    [
      'a part with two names',
      form(part('Content-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="model"', 'x')),
      'invalid_value',
    ],
    ['a part without a name', form(part('Content-Type: text/plain', 'x')), 'invalid_value'],
    [
      'a boundary after a bare line feed',
      form(file(`x\n--${BOUNDARY}\nContent-Disposition: form-data; name="model"\n\ndear\n`)),
      'invalid_value',
    ],
    ['a boundary inside a line', form(file(`x--${BOUNDARY}y`)), 'invalid_value'],
    ['words before the first boundary', Buffer.concat([Buffer.from('Hello\r\n'), form(field('model', 'm'))]), 'invalid_value'],
    ['words after the last', Buffer.concat([form(field('model', 'm')), field('model', 'n')]), 'invalid_value'],
    ['no end', field('model', 'm'), 'invalid_value'],
    ['a line end in the model', form(field('model', 'm\r\nn')), 'invalid_value'],
    ['a model that is no UTF-8', form(part('Content-Disposition: form-data; name="model"', Buffer.from([0xff]))), 'invalid_value'],
    ['a model without end', form(field('model', 'm'.repeat(5_000))), 'invalid_value'],
    ['headers without end', form(part(`X: ${'x'.repeat(20_000)}`, 'x')), 'invalid_value'],
  ])('is refused for %s', (_, bytes, code) => {
    expect(refusedFor(bytes)).toBe(code)
  })
})

describe('the boundary', () => {
  it.each([
    ['multipart/form-data; boundary=abc', 'abc'],
    ['Multipart/Form-Data; boundary="a b"', undefined],
    ['multipart/form-data; boundary="a:b"', 'a:b'],
    ['multipart/form-data', undefined],
    ['multipart/form-data; boundary=abc; boundary=def', undefined],
    ['multipart/mixed; boundary=abc', undefined],
    ['application/json', undefined],
  ])('of %s is %s', (type, boundary) => {
    expect(boundaryOf(type)).toBe(boundary)
  })
})
