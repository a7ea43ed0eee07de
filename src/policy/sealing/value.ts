import type { Parts } from '../../contract/auth.ts'
import { Secret } from '../../contract/secret.ts'
import type { Opened } from '../../contract/vault.ts'
import { decodePool } from './pooled.ts'

type Form = Extract<Opened, { state: 'open' }>['form']

export const unreadable = (trouble: string): Opened => ({ state: 'unreadable', trouble })

/** What a value says, once nothing seals it any more: a key as it is, or JSON with a `key` or other fields. */
export function decodeValue(text: string, form: Form): Opened {
  return text.startsWith('{') ? decodeFields(text, form) : decodeKey(text, form)
}

function decodeKey(text: string, form: Form): Opened {
  const trouble = troubleOf(text)
  return trouble === undefined ? { state: 'open', key: new Secret(text), fields: {}, form } : unreadable(`the value ${trouble}`)
}

function decodeFields(text: string, form: Form): Opened {
  const object = parseObject(text)
  if (object === undefined) return unreadable('the value begins like JSON and is not a JSON object: store it again')
  const { keys, ...common } = object
  const parts = decodeParts(common)
  if (typeof parts === 'string') return unreadable(`the value's ${parts}`)
  const { key, ...fields } = parts
  if (keys === undefined) return { state: 'open', key, fields, form }
  const pool = decodePool(keys, common, decodeParts)
  return typeof pool === 'string' ? unreadable(pool) : { state: 'open', key: undefined, fields, form, pool }
}

/** A secret for each field, or what is wrong with one. */
function decodeParts(fields: Readonly<Record<string, unknown>>): Parts | string {
  const parts: [string, Secret][] = []
  for (const [name, value] of Object.entries(fields)) {
    const trouble = fieldTroubleOf(name, value)
    if (trouble !== undefined) return `JSON field ${JSON.stringify(name)} ${trouble}`
    parts.push([name, new Secret(String(value))])
  }
  return Object.fromEntries(parts)
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    return { ...JSON.parse(text) }
  } catch {
    return undefined
  }
}

function fieldTroubleOf(name: string, value: unknown): string | undefined {
  if (typeof value !== 'string') return 'is not a string: store it again, with every field as text'
  if (CIPHER_FIELDS.has(name)) return `says that the value is sealed. ${REMEDY}`
  return name === 'key' ? troubleOf(value) : sealedElsewhere(value)
}

const CIPHER_FIELDS: ReadonlySet<string> = new Set([
  'ciphertext',
  'cipher_text',
  'cipherText',
  'encrypted',
  'encrypted_data',
  'encryptedData',
])

/** Why a text is not a key as it stands. */
function troubleOf(text: string): string | undefined {
  if (text === '') return 'is empty'
  // Spaces, control and invisible formatting characters of all Unicode: none is part of a key, and some cannot be seen in a terminal.
  if (/[\s\p{Cc}\p{Cf}]/u.test(text)) return 'holds a space or an invisible character: store the key again, without it'
  return sealedElsewhere(text)
}

function sealedElsewhere(text: string): string | undefined {
  const foreign = FOREIGN.find(([, shape]) => shape.test(text))
  return foreign && `looks like ${foreign[0]}. ${REMEDY}`
}

const REMEDY = 'Name how to open it under secrets.openers in gateway.yaml, or store the key again'

/** What other systems' sealed values look like. A text of these forms is never sent to a provider as if it were a key. */
const FOREIGN: readonly (readonly [name: string, shape: RegExp])[] = [
  ['a Fernet token', /^gAAAAA/],
  ['a HashiCorp Vault transit value', /^vault:v\d+:/],
  ['an encrypted value', /^(?:enc|encrypted|cipher|ciphertext|sealed|secret|kms|fernet|v\d+|tg\d+|aes[\w-]*)[:([{$]/i],
  ['an encrypted value in parts', /^[\da-f]{24,32}:[\da-f]{32}:[\da-f]+$/i],
  ['a message of Rails', /^[\w+/]{16,}={0,2}--[\w+/]{16,}={0,2}--[\w+/]{16,}={0,2}$/],
  ['a value of Laravel', /^eyJpdiI6/],
  ['an encrypted JSON web token', /^eyJ[\w-]*\.[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+$/],
  ['a value of AWS KMS', /^AQICAH/],
  ['a password hash', /^\$(?:2[aby]|argon2\w*|scrypt|pbkdf2[\w-]*)\$/],
  ['an encrypted file', /^(?:-----BEGIN (?:PGP MESSAGE|AGE ENCRYPTED FILE)|\$ANSIBLE_VAULT;|age-encryption\.org)/],
]
