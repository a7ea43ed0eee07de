import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/contract/secret.ts'
import { newMasterKey, parseMasterKeys } from '../../src/policy/sealing/master-keys.ts'

const bytes = () => randomBytes(32).toString('base64')

describe('master keys', () => {
  it('are read with the current one first', () => {
    const [new2, old1] = [bytes(), bytes()]
    const { current, byId } = parseMasterKeys(new Secret(`k2:${new2}, k1:${old1}\n`))
    expect([current.id, current.bytes.toString('base64')]).toEqual(['k2', new2])
    expect([...byId].map(([id, key]) => [id, key.bytes.toString('base64')])).toEqual([
      ['k2', new2],
      ['k1', old1],
    ])
  })

  it('are made as they are read', () => {
    expect(parseMasterKeys(newMasterKey(randomBytes)).current.id).toBe('k1')
    expect(parseMasterKeys(newMasterKey(randomBytes, 'k7')).current.bytes).toHaveLength(32)
  })

  const one = bytes()
  it.each([
    ['nothing', '', /not of the form id:key/],
    ['no id', one, /not of the form id:key/],
    ['key and id in the wrong order', `${one}:k1`, /key 1 of 1 is not of the form/],
    ['a short key', `k1:${randomBytes(16).toString('base64')}`, /1 of 1, k1, is not 32 bytes/],
    ['a long key', `k1:${randomBytes(33).toString('base64')}`, /not 32 bytes/],
    ['hex', `k1:${randomBytes(32).toString('hex')}`, /not 32 bytes/],
    ['zeros', `k1:${Buffer.alloc(32).toString('base64')}`, /not random/],
    ['a typed pattern', `k1:${Buffer.from('0123456789'.repeat(4)).subarray(0, 32).toString('base64')}`, /not random/],
    ['one id twice', `k1:${one},k1:${bytes()}`, /Two master keys are called k1/],
    ['one key twice', `k2:${one},k1:${one}`, /k2 and k1 are one and the same key/],
    ['an empty place', `k2:${one},,k1:${bytes()}`, /key 2 of 3 is not of the form/],
  ])('are refused with %s, in words without the key', (_, text, words) => {
    const refused = () => parseMasterKeys(new Secret(text))
    expect(refused).toThrow(words)
    const keys = text.split(/[:,]/).filter((part) => part.length > 16)
    expect(keys.filter((key) => messageOf(refused).includes(key))).toEqual([])
  })
})

function messageOf(work: () => unknown): string {
  try {
    work()
    return ''
  } catch (error) {
    return (error as Error).message
  }
}
