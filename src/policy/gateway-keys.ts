import { createHmac, hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { KeyKind } from '../contract/caller.ts'
import { type KeyId, keyId } from '../contract/ids.ts'
import { Secret } from '../contract/secret.ts'

// sk-tg-<a|s|t><10 of key id><43 of secret><6 of checksum>, base62 after the prefix: 43 characters are 256 bits.

export type MintedKind = Exclude<KeyKind, 'imported'>

export const KEY_PREFIX = 'sk-tg-'

const LETTERS = { admin: 'a', service: 's', tenant: 't' } as const satisfies Record<MintedKind, string>
const KINDS: ReadonlyMap<string, MintedKind> = new Map([
  ['a', 'admin'],
  ['s', 'service'],
  ['t', 'tenant'],
])
const SHAPE = /^sk-tg-[ast][0-9A-Za-z]{59}$/
const ID_START = KEY_PREFIX.length + 1
const ID_LENGTH = 10
const SECRET_LENGTH = 43
const CHECKSUM_LENGTH = 6

/** A new key: its text is shown once, then only its digest is kept. */
export function mintKey(kind: MintedKind, random: (bytes: number) => Buffer): { id: KeyId; text: Secret } {
  const id = keyId(base62(ID_LENGTH, random))
  const body = `${KEY_PREFIX}${LETTERS[kind]}${id}${base62(SECRET_LENGTH, random)}`
  return { id, text: new Secret(body + checksumOf(body)) }
}

/** What a key says of itself; undefined where it is not shaped like one of ours or was mistyped, which is told without any look-up. */
export function parseKey(text: string): { kind: MintedKind; id: KeyId } | undefined {
  if (!SHAPE.test(text) || checksumOf(text.slice(0, -CHECKSUM_LENGTH)) !== text.slice(-CHECKSUM_LENGTH)) return undefined
  const kind = KINDS.get(text.charAt(KEY_PREFIX.length))
  return kind && { kind, id: idBorneBy(text) }
}

/** The id that a text bears where ours stands in a key, be it one or not. */
export const idBorneBy = (text: string): KeyId => keyId(text.slice(ID_START, ID_START + ID_LENGTH))

/** How our keys are kept: HMAC-SHA-256 under the pepper. A slow hash would add nothing to 256 bits of randomness. */
export function digestKey(text: string, pepper: Buffer): Buffer {
  return createHmac('sha256', pepper).update(text).digest()
}

/** How keys minted elsewhere are kept: SHA-256, since that is all their owner hands over. */
export function digestImported(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

function base62(length: number, random: (bytes: number) => Buffer): string {
  let text = ''
  while (text.length < length) {
    // 248 is four times 62: a byte above it would make the first digits likelier than the rest.
    for (const byte of random(length - text.length)) if (byte < 248) text += DIGITS.charAt(byte % 62)
  }
  return text
}

function checksumOf(body: string): string {
  let rest = crc32(body)
  let text = ''
  for (let place = 0; place < CHECKSUM_LENGTH; place++) {
    text = DIGITS.charAt(rest % 62) + text
    rest = Math.floor(rest / 62)
  }
  return text
}
