import { createCipheriv, createDecipheriv } from 'node:crypto'

// tg1:<key id>:<base64url of nonce, cipher text and tag>
//
// AES-256-GCM (NIST SP 800-38D), a random nonce of 12 bytes, a tag of 16. The associated data is the list of `tollgate`, `tg1`, the key's
// id and the binding, each behind its length in bytes and a colon: so no two lists are the same bytes, and an envelope opens only under
// the key, for the purpose and in the place it was made for. One key may seal 2^32 times before a nonce is likely to repeat.

const VERSION = 'tg1'
const NONCE = 12
const TAG = 16
// Node takes a tag of four bytes for a good one unless it is told the length: a forger would need 2^32 tries.
const OPTIONS = { authTagLength: TAG } as const

/** A key of 32 bytes under the name that its envelopes carry: letters, digits, `_` and `-`. */
export interface SealingKey {
  readonly id: string
  readonly bytes: Buffer
}

/** What an envelope is for and where it belongs; it opens with the very same list only. */
export type Binding = readonly string[]

export function sealEnvelope(input: { key: SealingKey; binding: Binding; plain: Buffer; random: (bytes: number) => Buffer }): string {
  const nonce = input.random(NONCE)
  const cipher = createCipheriv('aes-256-gcm', input.key.bytes, nonce, OPTIONS)
  cipher.setAAD(associatedData(input.key, input.binding))
  const sealed = Buffer.concat([nonce, cipher.update(input.plain), cipher.final(), cipher.getAuthTag()])
  return `${VERSION}:${input.key.id}:${sealed.toString('base64url')}`
}

/** The plain bytes, or undefined where the envelope was not sealed with this key and binding, or was changed since. */
export function openEnvelope(input: { key: SealingKey; binding: Binding; envelope: string }): Buffer | undefined {
  const parsed = parseEnvelope(input.envelope)
  if (parsed?.keyId !== input.key.id || parsed.sealed.length < NONCE + TAG) return undefined
  const { sealed } = parsed
  const decipher = createDecipheriv('aes-256-gcm', input.key.bytes, sealed.subarray(0, NONCE), OPTIONS)
  decipher.setAAD(associatedData(input.key, input.binding))
  decipher.setAuthTag(sealed.subarray(-TAG))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE, -TAG)), decipher.final()])
  } catch {
    return undefined
  }
}

/** Whether a text claims to be an envelope of ours, of whatever version. */
export const isEnvelope = (text: string): boolean => /^tg\d+:/.test(text)

/** The id of the key that an envelope says it was sealed with; undefined where it is no envelope that we can read. */
export const keyIdOf = (envelope: string): string | undefined => parseEnvelope(envelope)?.keyId

function parseEnvelope(text: string): { keyId: string; sealed: Buffer } | undefined {
  const [version, keyId, sealed, ...rest] = text.split(':')
  if (version !== VERSION || !keyId || sealed === undefined || rest.length > 0) return undefined
  return { keyId, sealed: Buffer.from(sealed, 'base64url') }
}

function associatedData(key: SealingKey, binding: Binding): Buffer {
  const parts = ['tollgate', VERSION, key.id, ...binding]
  return Buffer.from(parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join(''))
}
