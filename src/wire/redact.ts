import { Buffer } from 'node:buffer'

/** The text without the secrets in play: each is replaced by `[redacted]`, raw, JSON-escaped, URL-encoded and in base64. */
export function redact(text: string, secrets: readonly string[]): string {
  // No spelling is shorter than its secret, and most texts are.
  const fitting = secrets.filter(({ length }) => length <= text.length)
  return spellings(fitting).reduce((clean, spelling) => clean.replaceAll(spelling, REDACTED), text)
}

/** As `redact`, for bytes of any encoding that ASCII is part of. The same Buffer where nothing is found. */
export function redactBytes(bytes: Buffer, secrets: readonly string[]): Buffer {
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

/** Longest first, so that a secret that begins with another goes as a whole. */
function spellings(secrets: readonly string[]): string[] {
  const all = secrets.filter((secret) => secret.length >= SHORTEST).flatMap(spellingsOf)
  return [...new Set(all)].sort((a, b) => b.length - a.length)
}

function spellingsOf(secret: string): string[] {
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
