import { createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto'
import type { Secret } from '../../contract/secret.ts'
import { GatewayError } from '../../errors.ts'
import { keyBytes } from './key-bytes.ts'

/** Opens values that another system sealed, as an operator told under `secrets.openers`. */
export interface Opener {
  readonly type: OpenerSpec['type']
  /** Whether a value is in this opener's form, openable or not. */
  recognises(value: string): boolean
  open(value: string): string | undefined
}

export interface OpenerSpec {
  readonly type: 'fernet' | 'aes-256-gcm'
  /** 32 bytes in base64, as the other system holds it. */
  readonly key: Secret
  /** What stands before the sealed part. Left out or empty: nothing for fernet, `enc:` for aes-256-gcm, which would else fit any key. */
  readonly prefix?: string
}

/** Throws `unsafe_secret` for a key that cannot be one. */
export function createOpener(spec: OpenerSpec): Opener {
  const { type } = spec
  const { defaultPrefix, shape, open } = FORMS[type]
  const prefix = spec.prefix || defaultPrefix
  const key = keyBytes(spec.key.reveal().trim())
  if ('trouble' in key)
    throw new GatewayError('unsafe_secret', `The key of the ${type} opener ${key.trouble}. Give the other system's own key file.`)
  return {
    type,
    recognises: (value) => value.startsWith(prefix) && shape.test(value.slice(prefix.length)),
    open: (value) => open(Buffer.from(value.slice(prefix.length), 'base64'), key.bytes),
  }
}

interface Form {
  readonly defaultPrefix: string
  readonly shape: RegExp
  open(sealed: Buffer, key: Buffer): string | undefined
}

const FORMS: Readonly<Record<OpenerSpec['type'], Form>> = {
  // A version byte of 0x80 and a date before the year 2106 always begin like this.
  fernet: { defaultPrefix: '', shape: /^gAAAAA[\w+/-]+={0,2}$/, open: openFernet },
  'aes-256-gcm': { defaultPrefix: 'enc:', shape: /^[\w+/-]+={0,2}$/, open: openAesGcm },
}

/** https://github.com/fernet/spec: 0x80, date (8), IV (16), AES-128-CBC, HMAC-SHA-256 (32). A stored key has no age, so the date is not judged. */
function openFernet(token: Buffer, key: Buffer): string | undefined {
  if (token.length < 1 + 8 + 16 + 16 + 32 || token[0] !== 0x80) return undefined
  const signed = token.subarray(0, -32)
  const signature = createHmac('sha256', key.subarray(0, 16)).update(signed).digest()
  if (!timingSafeEqual(signature, token.subarray(-32))) return undefined
  return plainOf(createDecipheriv('aes-128-cbc', key.subarray(16), signed.subarray(9, 25)), signed.subarray(25))
}

/** Nonce (12), cipher text, tag (16), without associated data. */
function openAesGcm(sealed: Buffer, key: Buffer): string | undefined {
  if (sealed.length < 12 + 16) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12), { authTagLength: 16 })
  decipher.setAuthTag(sealed.subarray(-16))
  return plainOf(decipher, sealed.subarray(12, -16))
}

function plainOf(decipher: ReturnType<typeof createDecipheriv>, sealed: Buffer): string | undefined {
  try {
    return UTF8.decode(Buffer.concat([decipher.update(sealed), decipher.final()]))
  } catch {
    return undefined
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true })
