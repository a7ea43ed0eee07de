import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/contract/secret.ts'
import { redact, redactBytes } from '../../src/wire/redact.ts'

const KEY = 'sk-a+b/c"d\\e f?=é-0123'

const spellings: Record<string, string> = {
  raw: KEY,
  'JSON-escaped': JSON.stringify(KEY).slice(1, -1),
  'JSON-escaped with slashes': JSON.stringify(KEY).slice(1, -1).replaceAll('/', '\\/'),
  'URL-encoded': encodeURIComponent(KEY),
  'URL-encoded in lower case': encodeURIComponent(KEY).replace(/%../g, (hex) => hex.toLowerCase()),
  'form-encoded': encodeURIComponent(KEY).replaceAll('%20', '+'),
  'in base64': Buffer.from(KEY).toString('base64').replace(/=+$/, ''),
  'in URL-safe base64': Buffer.from(KEY).toString('base64url'),
}

describe('redacting', () => {
  it.each(Object.entries(spellings))('removes a secret %s', (_, spelling) => {
    expect(redact(`Bad key ${spelling}! And ${spelling}.`, [new Secret(KEY)])).toBe('Bad key [redacted]! And [redacted].')
    expect(redactBytes(Buffer.from(`Bad key ${spelling}!`), [new Secret(KEY)]).toString()).toBe('Bad key [redacted]!')
  })

  it('removes any secret from any text, in every spelling', () => {
    const secret = fc.string({ unit: 'binary', minLength: 8, maxLength: 60 })
    const spell = fc.constantFrom<(text: string) => string>(
      (text) => text,
      (text) => JSON.stringify(text).slice(1, -1),
      (text) => encodeURIComponent(text),
      (text) => Buffer.from(text).toString('base64'),
      (text) => Buffer.from(text).toString('base64url'),
    )
    fc.assert(
      fc.property(fc.string(), secret, spell, (text, key, spelt) => {
        const planted = `${text} ${spelt(key)} ${text}`
        expect(redact(planted, [new Secret(key)])).not.toContain(spelt(key))
        expect(redactBytes(Buffer.from(planted), [new Secret(key)]).includes(spelt(key))).toBe(false)
      }),
    )
  })

  it('removes a secret that begins with another one as a whole', () => {
    expect(redact('sk-12345678-extra sk-12345678', [new Secret('sk-12345678'), new Secret('sk-12345678-extra')])).toBe(
      '[redacted] [redacted]',
    )
  })

  it('leaves values too short to be secrets in ordinary words', () => {
    expect(
      redact(
        'none of the ollama models',
        ['none', 'ollama', ''].map((value) => new Secret(value)),
      ),
    ).toBe('none of the ollama models')
  })

  it('says the same for text and for its bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const planted = `é${text}${KEY}${text}`
        expect(redactBytes(Buffer.from(planted), [new Secret(KEY)]).toString()).toBe(redact(planted, [new Secret(KEY)]))
      }),
    )
  })

  it('gives back the same Buffer where there is nothing to hide', () => {
    const bytes = Buffer.from('Incorrect API key provided.')
    expect(redactBytes(bytes, [new Secret(KEY)])).toBe(bytes)
  })

  it('keeps bytes that are not text', () => {
    const noise = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    expect(redactBytes(Buffer.concat([noise, Buffer.from('sk-12345678'), noise]), [new Secret('sk-12345678')])).toEqual(
      Buffer.concat([noise, Buffer.from('[redacted]'), noise]),
    )
  })

  it('does not stumble over a value that is not well-formed Unicode', () => {
    expect(redact('a \ud800-12345678 b', [new Secret('\ud800-12345678')])).toBe('a [redacted] b')
  })
})
