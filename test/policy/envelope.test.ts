import { createCipheriv, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Binding, keyIdOf, openEnvelope, type SealingKey, sealEnvelope } from '../../src/policy/sealing/envelope.ts'

const key: SealingKey = { id: 'k1', bytes: randomBytes(32) }
const binding: Binding = ['value', 'tenant-1', 'group-1']
const plain = Buffer.from('sk-of-a-provider')
const seal = (more: Partial<Parameters<typeof sealEnvelope>[0]> = {}) => sealEnvelope({ key, binding, plain, random: randomBytes, ...more })
const open = (envelope: string, more: Partial<Parameters<typeof openEnvelope>[0]> = {}) =>
  openEnvelope({ key, binding, envelope, ...more })?.toString()
const partsOf = (envelope: string) => Buffer.from(envelope.split(':')[2]!, 'base64url')

describe('an envelope', () => {
  it('names its key, hides its content and opens with what sealed it', () => {
    const envelope = seal()
    expect(envelope).toMatch(/^tg1:k1:[\w-]+$/)
    expect(partsOf(envelope).includes(plain)).toBe(false)
    expect([keyIdOf(envelope), open(envelope)]).toEqual(['k1', plain.toString()])
  })

  it('opens to the same bytes, whatever they and the binding are', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.array(fc.string({ unit: 'binary' })), (bytes, anyBinding) => {
        const content = Buffer.from(bytes)
        const envelope = seal({ plain: content, binding: anyBinding })
        expect(openEnvelope({ key, binding: anyBinding, envelope })).toEqual(content)
      }),
    )
  })

  it.each([
    ['another purpose', ['pepper', 'tenant-1', 'group-1']],
    ['another tenant', ['value', 'tenant-2', 'group-1']],
    ['another group', ['value', 'tenant-1', 'group-2']],
    ['the same letters cut elsewhere', ['value', 'tenant-1group', '-1']],
    ['fewer parts', ['value', 'tenant-1']],
    ['more parts', ['value', 'tenant-1', 'group-1', '']],
    ['another order', ['value', 'group-1', 'tenant-1']],
  ])('does not open for %s', (_, other) => {
    expect(open(seal(), { binding: other })).toBeUndefined()
  })

  it('does not open under another key, or the same key under another name', () => {
    const twin = { id: 'k2', bytes: key.bytes }
    expect(open(seal(), { key: { id: 'k1', bytes: randomBytes(32) } })).toBeUndefined()
    expect(open(seal(), { key: twin })).toBeUndefined()
    expect(open(seal().replace('tg1:k1:', 'tg1:k2:'), { key: twin })).toBeUndefined()
  })

  it('binds its version', () => {
    const sealedAs = (version: string) => {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce, { authTagLength: 16 })
      cipher.setAAD(Buffer.from(`8:tollgate3:${version}2:k15:value8:tenant-17:group-1`))
      const sealed = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
      return sealed.toString('base64url')
    }
    expect(open(seal().replace('tg1:', 'tg2:'))).toBeUndefined()
    expect([open(`tg1:k1:${sealedAs('tg1')}`), open(`tg1:k1:${sealedAs('tg2')}`)]).toEqual([plain.toString(), undefined])
  })

  it('does not open with any bit turned', () => {
    const bytes = partsOf(seal())
    const opened = Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const turned = Buffer.from(bytes)
      turned[bit >> 3]! ^= 1 << (bit & 7)
      return open(`tg1:k1:${turned.toString('base64url')}`)
    })
    expect(opened.filter((text) => text !== undefined)).toEqual([])
  })

  it('does not open with a short tag or any other end cut off', () => {
    const bytes = partsOf(seal())
    const cut = Array.from({ length: bytes.length }, (_, length) => open(`tg1:k1:${bytes.subarray(0, length).toString('base64url')}`))
    expect(cut.filter((text) => text !== undefined)).toEqual([])
  })

  it('does not open, nor fail otherwise, whatever stands in its place', () => {
    const odd = ['', 'tg1', 'tg1:', 'tg1:k1', 'tg1:k1:', 'tg1:k1:!!!!', 'tg1::AAAA', `${seal()}:`, `${seal()}:x`, ` ${seal()}`, 'sk-plain']
    expect(odd.map((text) => open(text))).toEqual(odd.map(() => undefined))
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(open(`tg1:k1:${text}`)).toBeUndefined()
      }),
    )
  })

  it('never has the nonce of another', () => {
    const nonces = new Set(Array.from({ length: 100_000 }, () => partsOf(seal()).toString('latin1', 0, 12)))
    expect(nonces.size).toBe(100_000)
  })
})
