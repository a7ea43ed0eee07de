import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestImported, digestKey, mintKey, parseKey } from '../../src/policy/gateway-keys.ts'

const kinds = fc.constantFrom('admin', 'service', 'tenant')
const mint = (kind: 'admin' | 'service' | 'tenant') => mintKey(kind, randomBytes)

describe('a gateway key', () => {
  it('has a letter of its kind, an id, a secret and a checksum, all base62', () => {
    expect(mint('tenant').text.reveal()).toMatch(/^sk-tg-t[0-9A-Za-z]{10}[0-9A-Za-z]{43}[0-9A-Za-z]{6}$/)
    expect(mint('service').text.reveal().slice(0, 7)).toBe('sk-tg-s')
    expect(mint('admin').text.reveal().slice(0, 7)).toBe('sk-tg-a')
  })

  it('says its kind and id to whoever parses it', () => {
    fc.assert(
      fc.property(kinds, (kind) => {
        const { id, text } = mint(kind)
        expect(parseKey(text.reveal())).toEqual({ kind, id })
      }),
    )
  })

  it('is refused with any one character changed, added or left out', () => {
    const text = mint('service').text.reveal()
    const edits = fc.tuple(fc.nat(text.length - 1), fc.constantFrom(...'0aZ_-é '), fc.constantFrom('change', 'add', 'drop'))
    fc.assert(
      fc.property(edits, ([at, letter, edit]) => {
        const end = edit === 'add' ? at : at + 1
        const other = text.slice(0, at) + (edit === 'drop' ? '' : letter) + text.slice(end)
        fc.pre(other !== text)
        expect(parseKey(other)).toBeUndefined()
      }),
    )
  })

  it('is refused in every odd shape, at once however long', () => {
    const text = mint('tenant').text.reveal()
    const odd = ['', 'sk-tg-', ` ${text}`, `${text}\n`, text.toUpperCase(), text.replace('sk-tg-t', 'sk-tg-x'), 'sk-tg-t'.padEnd(66, '0')]
    expect(odd.map(parseKey)).toEqual(odd.map(() => undefined))
    const started = performance.now()
    for (let n = 0; n < 1000; n++) parseKey(`sk-tg-t${'a'.repeat(1 << 20)}`)
    expect(performance.now() - started, 'milliseconds for a thousand keys of 1 MiB').toBeLessThan(500)
  })

  it('draws every digit equally often', () => {
    const counts = new Map<string, number>()
    for (let n = 0; n < 4000; n++)
      for (const digit of mint('tenant').text.reveal().slice(7, 60)) counts.set(digit, (counts.get(digit) ?? 0) + 1)
    const expected = (4000 * 53) / 62
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
    expect(counts.size).toBe(62)
    // 61 degrees of freedom: 140 is passed by chance once in ten million runs; `byte % 62` alone gives about 4,000.
    expect(chiSquare).toBeLessThan(140)
  })

  it('is kept as a digest that depends on every part of it and on the pepper', () => {
    const text = mint('tenant').text.reveal()
    const digest = digestKey(text, Buffer.alloc(32, 1))
    expect(digest).toHaveLength(32)
    expect(digestKey(text, Buffer.alloc(32, 2))).not.toEqual(digest)
    expect(digestKey(text.slice(0, -1), Buffer.alloc(32, 1))).not.toEqual(digest)
  })

  it('from elsewhere is kept as its SHA-256', () => {
    // FIPS 180-2, appendix B.1.
    expect(digestImported('abc').toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })
})
