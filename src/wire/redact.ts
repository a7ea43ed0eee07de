import { Buffer } from 'node:buffer'
import type { Secret } from '../contract/secret.ts'

/** The text without the secrets in play: each is replaced by `[redacted]`, raw, JSON-escaped, URL-encoded and in base64. */
export function redact(text: string, secrets: readonly Secret[]): string {
  return spellings(secrets).reduce((clean, spelling) => clean.replaceAll(spelling, REDACTED), text)
}

/** As `redact`, for all the strings and keys in a JSON value. The same value where nothing is found. */
export function redactJson<T>(value: T, secrets: readonly Secret[]): T {
  return holdsAny(value, spellings(secrets)) ? JSON.parse(redact(JSON.stringify(value), secrets)) : value
}

function holdsAny(value: unknown, spellings: readonly string[]): boolean {
  if (typeof value === 'string') return value.length >= shortestOf(spellings) && spellings.some((spelling) => value.includes(spelling))
  if (typeof value !== 'object' || value === null) return false
  // By name and without a list of entries: usage is looked through after every answer.
  const named = value as Readonly<Record<string, unknown>>
  for (const name in named) if (holdsAny(name, spellings) || holdsAny(named[name], spellings)) return true
  return false
}

const shortestOf = (spellings: readonly string[]): number => spellings.at(-1)?.length ?? Number.POSITIVE_INFINITY

/** As `redact`, for bytes of any encoding that ASCII is part of. The same Buffer where nothing is found. */
export function redactBytes(bytes: Buffer, secrets: readonly Secret[]): Buffer {
  const found = spellings(secrets).filter((spelling) => bytes.includes(spelling))
  if (found.length === 0) return bytes
  // Latin-1 maps every byte to one character and back, so bytes that are not text survive too.
  const clean = found.reduce(
    (text, spelling) => text.replaceAll(Buffer.from(spelling).toString('latin1'), REDACTED),
    bytes.toString('latin1'),
  )
  return Buffer.from(clean, 'latin1')
}

const REDACTED = '[redacted]'

// A shorter value (`none`, `ollama`) protects nothing and occurs in ordinary words, where cutting it out would both spoil the text and tell the value.
const SHORTEST = 8

function spellings(secrets: readonly Secret[]): readonly string[] {
  const [only, another] = secrets
  return only && !another ? spellingsOf(only) : longestFirst(secrets.flatMap(spellingsOf))
}

/** So that a secret that begins with another goes as a whole. */
const longestFirst = (all: readonly string[]): string[] => [...new Set(all)].sort((a, b) => b.length - a.length)

/** Kept as long as the secret itself is, for one that is in play is looked for in every answer. */
const spelt = new WeakMap<Secret, readonly string[]>()

function spellingsOf(secret: Secret): readonly string[] {
  let known = spelt.get(secret)
  if (!known) spelt.set(secret, (known = longestFirst(spell(secret.reveal()))))
  return known
}

function spell(secret: string): string[] {
  if (secret.length < SHORTEST) return []
  const json = JSON.stringify(secret).slice(1, -1)
  const url = encodeURIComponent(secret.toWellFormed())
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '')
  return [
    secret,
    json,
    json.replaceAll('/', '\\/'),
    url,
    url.replace(/%../g, (hex) => hex.toLowerCase()),
    url.replaceAll('%20', '+'),
    base64,
    base64.replaceAll('/', '\\/'),
    base64.replaceAll('+', '-').replaceAll('/', '_'),
  ]
}
