import { createCipheriv, createHmac, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/contract/secret.ts'
import { createOpener } from '../../src/policy/sealing/openers.ts'
import { decodeValue } from '../../src/policy/sealing/value.ts'

/** As the Fernet specification has it: version, date, IV, AES-128-CBC, HMAC-SHA-256. */
function fernetToken(plain: string, key: Buffer): string {
  const iv = randomBytes(16)
  const cipher = createCipheriv('aes-128-cbc', key.subarray(16), iv)
  const head = Buffer.concat([Buffer.from('8000000000689f5a3c', 'hex'), iv])
  const signed = Buffer.concat([head, cipher.update(plain), cipher.final()])
  const token = Buffer.concat([signed, createHmac('sha256', key.subarray(0, 16)).update(signed).digest()])
  return token.toString('base64').replaceAll('+', '-').replaceAll('/', '_')
}

function gcmText(plain: string | Buffer, key: Buffer): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 })
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64')
}

const key = randomBytes(32)
const secretOf = (bytes: Buffer, encoding: BufferEncoding = 'base64') => new Secret(`${bytes.toString(encoding)}\n`)

describe('the fernet opener', () => {
  const opener = createOpener({ type: 'fernet', key: secretOf(key, 'base64url') })

  it('opens what its key sealed, whenever that was', () => {
    const token = fernetToken('sk-from-elsewhere', key)
    expect([opener.recognises(token), opener.open(token)]).toEqual([true, 'sk-from-elsewhere'])
  })

  it("opens the specification's own vector", () => {
    // https://github.com/fernet/spec/blob/master/generate.json
    const spec = createOpener({ type: 'fernet', key: new Secret('cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=') })
    const token = 'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA=='
    expect([spec.recognises(token), spec.open(token)]).toEqual([true, 'hello'])
  })

  it('opens nothing else', () => {
    const token = fernetToken('sk-from-elsewhere', key)
    const bytes = Buffer.from(token, 'base64')
    const turned = Array.from({ length: bytes.length }, (_, at) => {
      const copy = Buffer.from(bytes)
      copy[at]! ^= 1
      return opener.open(copy.toString('base64url'))
    })
    expect(turned.filter((text) => text !== undefined)).toEqual([])
    expect(opener.open(fernetToken('sk-from-elsewhere', randomBytes(32)))).toBeUndefined()
    expect(['gAAAAA', 'gAAAAAB', token.slice(0, 40)].map((text) => opener.open(text))).toEqual([undefined, undefined, undefined])
  })
})

describe('the aes-256-gcm opener', () => {
  const opener = createOpener({ type: 'aes-256-gcm', key: secretOf(key) })

  it('opens nonce, cipher text and tag behind its prefix', () => {
    const value = `enc:${gcmText('sk-from-elsewhere', key)}`
    expect([opener.recognises(value), opener.open(value)]).toEqual([true, 'sk-from-elsewhere'])
    const named = createOpener({ type: 'aes-256-gcm', key: secretOf(key), prefix: 'acme-v3:' })
    expect([named.recognises(value), named.open(value.replace('enc:', 'acme-v3:'))]).toEqual([false, 'sk-from-elsewhere'])
  })

  it('never takes a plain key for its own, even without a prefix', () => {
    const bare = createOpener({ type: 'aes-256-gcm', key: secretOf(key), prefix: '' })
    expect(bare.recognises('AIzaSy0123456789abcdef')).toBe(false)
  })

  it('opens nothing else', () => {
    const bytes = Buffer.from(gcmText('sk-from-elsewhere', key), 'base64')
    const cut = Array.from({ length: bytes.length }, (_, length) => opener.open(`enc:${bytes.subarray(0, length).toString('base64')}`))
    expect(cut.filter((text) => text !== undefined)).toEqual([])
    expect(opener.open(`enc:${gcmText('sk-from-elsewhere', randomBytes(32))}`)).toBeUndefined()
    expect(opener.open(`enc:${gcmText(Buffer.from([0xff, 0xfe]), key)}`), 'bytes that are no text').toBeUndefined()
  })
})

it('an opener with a key that is none is refused without repeating it', () => {
  expect(() => createOpener({ type: 'fernet', key: new Secret('hunter2hunter2') })).toThrow(
    /^The key of the fernet opener is not 32 bytes in base64\. [^2]*$/,
  )
})

describe('a value', () => {
  const plain = (text: string) => {
    const opened = decodeValue(text, 'plain')
    if (opened.state === 'unreadable') return opened.trouble
    const fields = Object.entries(opened.fields).map(([name, secret]) => [name, secret.reveal()])
    return { key: opened.key?.reveal(), fields: Object.fromEntries(fields) }
  }

  it.each([
    'sk-proj-0123456789abcdef',
    'AIzaSy_0123-456789',
    '0a1b2c3d.e4f5a6b7',
    '3f2504e0-4f89-41d3-9a0c-0305e82c3301:6fa459eaee8a3ca4894edb77e160355e',
    'eyJhbGciOiJSUzI1NiJ9.eyJHcm91cE5hbWUiOiJhY21lIn0.c2lnbmF0dXJl',
    'hf_AbCdEf',
    'gsk_gAAAAA',
    'encore-key',
  ])('%s is a plain key', (text) => {
    expect(plain(text)).toEqual({ key: text, fields: {} })
  })

  it.each([
    ['gAAAAABonw', 'Fernet'],
    ['vault:v1:8SDd3WHDOjf7mq69', 'Vault'],
    ['enc:v1:c2VjcmV0', 'encrypted'],
    ['ENC[AES256_GCM,data:abc]', 'encrypted'],
    ['ENC(abcdef)', 'encrypted'],
    ['aes-256-cbc:abcdef', 'encrypted'],
    ['v2:abcdef', 'encrypted'],
    ['00112233445566778899aabb:00112233445566778899aabbccddeeff:0a0b', 'encrypted'],
    [`${'A'.repeat(20)}==--${'B'.repeat(16)}--${'C'.repeat(22)}==`, 'Rails'],
    ['eyJpdiI6IkFBQUEiLCJ2YWx1ZSI6IkJCIn0=', 'Laravel'],
    ['eyJhbGciOiJkaXIifQ..aXY.Y3Q.dGFn', 'JSON web token'],
    ['AQICAHhQ', 'KMS'],
    ['$2b$12$abcdefghijkl', 'password hash'],
    ['$ANSIBLE_VAULT;1.1;AES256', 'encrypted file'],
  ])('%s looks like another system’s: %s', (text, name) => {
    expect(plain(text)).toMatch(new RegExp(`^the value looks like .*${name}.*secrets\\.openers`))
  })

  it.each([
    ['', /is empty/],
    ['sk-with a space', /a space or an invisible character/],
    ['sk-with\na line', /a space or an invisible character/],
    ['sk-with\u00a0nbsp', /a space or an invisible character/],
    ['sk-with\u200bzero', /a space or an invisible character/],
    ['sk-with\u0000nul', /a space or an invisible character/],
    ['{"key":', /begins like JSON/],
    ['{"key":5}', /field "key" is not a string/],
    ['{"key":"gAAAAABonw"}', /field "key" looks like a Fernet/],
    ['{"region":"vault:v1:abc","key":"sk-1"}', /field "region" looks like/],
    ['{"ciphertext":"abc","iv":"def"}', /field "ciphertext" says that the value is sealed/],
    ['{"key":"two words"}', /field "key" holds a space/],
  ])('%j is unreadable and says why', (text, words) => {
    expect(plain(text)).toMatch(words)
  })

  it('may be fields, with or without a key among them', () => {
    expect(plain('{"key":"sk-1","region":"cn"}')).toEqual({ key: 'sk-1', fields: { region: 'cn' } })
    expect(plain('{"access_key_id":"AK","secret_access_key":"a/b+c"}')).toEqual({
      key: undefined,
      fields: { access_key_id: 'AK', secret_access_key: 'a/b+c' },
    })
    expect(plain('{"private_key":"-----BEGIN PRIVATE KEY-----\\nMII\\n"}')).toEqual({
      key: undefined,
      fields: { private_key: '-----BEGIN PRIVATE KEY-----\nMII\n' },
    })
  })

  it('with a field named like a prototype changes no prototype', () => {
    decodeValue('{"__proto__":{"key":"sk-1"}}', 'plain')
    const opened = decodeValue('{"__proto__":"polluted","key":"sk-1"}', 'plain')
    expect(opened.state === 'open' && Object.keys(opened.fields)).toEqual(['__proto__'])
    expect('key' in {}).toBe(false)
  })
})
