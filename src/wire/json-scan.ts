import { type Buffer, isUtf8 } from 'node:buffer'
import type { GatewayError } from '../errors.ts'
import { duplicateKey, invalidJson, notUtf8, tooComplex, tooDeep, unreadable } from './json-refusal.ts'

export interface ScanLimits {
  /** Levels of nesting, the outermost object being the first. */
  readonly depth: number
  /** Structural characters, `{ } [ ] : ,` outside strings (RFC 8259 section 2). */
  readonly tokens: number
}

export const SCAN_LIMITS: ScanLimits = { depth: 64, tokens: 200_000 }

/** A top-level field's place: byte offsets, ends exclusive, the key with its quotes. */
export interface JsonField {
  readonly name: string
  readonly keyStart: number
  readonly keyEnd: number
  readonly valueStart: number
  readonly valueEnd: number
}

/** A body that was looked over and not parsed. `fields` are in the body's order. */
export interface JsonScan {
  readonly body: Buffer
  readonly fields: ReadonlyMap<string, JsonField>
  /** Where the names asked for occur as keys below the top level, each at its opening quote. */
  readonly marks: readonly { readonly name: string; readonly at: number }[]
}

/**
 * One pass over the bytes of a JSON object. Sure afterwards: UTF-8, one object and nothing after it, brackets that pair, strings that end,
 * top-level `"key": value` pairs with no key given twice. Whether values below are well formed is only known once they are parsed.
 * Throws `invalid_json`, `invalid_utf8`, `duplicate_key`, `json_too_deep` or `json_too_complex`, naming the byte.
 */
export function scanJson(body: Buffer, options: { limits?: ScanLimits; marks?: readonly string[] } = {}): JsonScan {
  if (!isUtf8(body)) throw notUtf8(body)
  return new Scanner(body, options.limits ?? SCAN_LIMITS, options.marks ?? []).scan()
}

/** The parsed value of one top-level field; undefined where it is absent. Throws `invalid_json` where the value does not parse. */
export function readField(scan: JsonScan, name: string): unknown {
  const field = scan.fields.get(name)
  if (field === undefined) return undefined
  try {
    return JSON.parse(scan.body.toString('utf8', field.valueStart, field.valueEnd))
  } catch {
    throw unreadable(name, field.valueStart)
  }
}

// Here and not imported: V8 compares bytes with an imported binding at half the speed.
const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d
const LETTER_U = 0x75
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

// Bytes. Where one quote is escaped, as in source code, another is seldom further, and a native search costs as much as a look at so many.
const NEAR = 64

// Indexing a field costs far more than passing over one below the top level, and a real request has a few dozen.
const MOST_FIELDS = 10_000

class Scanner {
  readonly #body: Buffer
  readonly #limits: ScanLimits
  readonly #wanted: readonly string[]
  readonly #fields = new Map<string, JsonField>()
  readonly #marks: { name: string; at: number }[] = []
  #at = 0
  #tokens = 0

  constructor(body: Buffer, limits: ScanLimits, wanted: readonly string[]) {
    this.#body = body
    this.#limits = limits
    this.#wanted = wanted
  }

  scan(): JsonScan {
    this.#space()
    this.#take(OPEN_BRACE, 'a JSON object')
    if (this.#body[this.#at] !== CLOSE_BRACE) this.#members()
    this.#take(CLOSE_BRACE, '"," or "}"')
    if (this.#at < this.#body.length) throw this.#expected('nothing after the object')
    return { body: this.#body, fields: this.#fields, marks: this.#marks }
  }

  #members(): void {
    this.#member()
    while (this.#body[this.#at] === COMMA) {
      this.#take(COMMA, '","')
      this.#member()
    }
  }

  #member(): void {
    const keyStart = this.#at
    if (this.#body[keyStart] !== QUOTE) throw this.#expected('a key in double quotes')
    const keyEnd = this.#stringEnd(keyStart)
    const name = this.#name(keyStart, keyEnd)
    this.#at = keyEnd
    this.#space()
    this.#take(COLON, '":"')
    const valueStart = this.#at
    this.#at = this.#valueEnd(valueStart)
    if (this.#fields.has(name)) throw duplicateKey(name, keyStart)
    if (this.#fields.size === MOST_FIELDS) throw tooComplex(MOST_FIELDS, 'top-level fields', keyStart)
    this.#fields.set(name, { name, keyStart, keyEnd, valueStart, valueEnd: this.#at })
    this.#space()
  }

  #valueEnd(start: number): number {
    const first = this.#body[start]
    if (first === QUOTE) return this.#stringEnd(start)
    if (first === OPEN_BRACE || first === OPEN_BRACKET) return this.#nestedEnd(start)
    let at = start
    while (isLiteral(this.#body[at])) at++
    if (at === start) throw this.#expected('a value')
    return at
  }

  #nestedEnd(start: number): number {
    const body = this.#body
    const owed: number[] = []
    let keyStart = start
    let keyEnd = start
    let at = start
    do {
      const byte = body[at]
      switch (byte) {
        case QUOTE:
          keyStart = at
          at = keyEnd = this.#stringEnd(at)
          continue
        case OPEN_BRACE:
        case OPEN_BRACKET:
          // In ASCII either closing bracket stands two after its opening one.
          owed.push(byte + 2)
          if (owed.length >= this.#limits.depth) throw tooDeep(this.#limits.depth, at)
          break
        case CLOSE_BRACE:
        case CLOSE_BRACKET:
          if (owed.pop() !== byte) throw invalidJson(`The bracket at byte ${at} closes nothing that is open.`)
          break
        case COLON:
          this.#mark(keyStart, keyEnd)
          break
        case COMMA:
          break
        case undefined:
          throw invalidJson(`The body ends at byte ${at} inside the value that begins at byte ${start}.`)
        default:
          at++
          continue
      }
      this.#count(at++)
    } while (owed.length > 0)
    return at
  }

  /** Hops from quote to quote: one ends the string unless an odd number of backslashes stands before it. */
  #stringEnd(start: number): number {
    const body = this.#body
    for (let from = start + 1, near = 0; ; near = NEAR) {
      const quote = this.#quote(from, near)
      if (quote < 0) throw invalidJson(`The string that begins at byte ${start} does not end.`)
      let slash = quote
      while (body[slash - 1] === BACKSLASH) slash--
      if ((quote - slash) % 2 === 0) return quote + 1
      from = quote + 1
    }
  }

  /** The next quote, looked for byte by byte as far as `near`, then natively. */
  #quote(from: number, near: number): number {
    const body = this.#body
    const end = from + near
    let at = from
    while (at < end && body[at] !== QUOTE) at++
    return at < end ? at : body.indexOf(QUOTE, at)
  }

  #mark(keyStart: number, keyEnd: number): void {
    for (const name of this.#wanted) if (this.#spells(keyStart, keyEnd, name)) this.#marks.push({ name, at: keyStart })
  }

  /** Whether a key reads `name`, which is ASCII; nothing is decoded but the escapes that stand where its letters could. */
  #spells(keyStart: number, keyEnd: number, name: string): boolean {
    let at = keyStart + 1
    for (let i = 0; i < name.length; i++) {
      const escaped = this.#body[at] === BACKSLASH && this.#body[at + 1] === LETTER_U
      const unit = escaped ? Number.parseInt(this.#body.toString('latin1', at + 2, at + 6), 16) : this.#body[at]
      if (unit !== name.charCodeAt(i)) return false
      at += escaped ? 6 : 1
    }
    return at === keyEnd - 1
  }

  #name(keyStart: number, keyEnd: number): string {
    const spelt = this.#body.toString('utf8', keyStart + 1, keyEnd - 1)
    if (!spelt.includes('\\')) return spelt
    try {
      return String(JSON.parse(`"${spelt}"`))
    } catch {
      throw invalidJson(`The key at byte ${keyStart} does not parse.`)
    }
  }

  #space(): void {
    for (;;) {
      const byte = this.#body[this.#at]
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return
      this.#at++
    }
  }

  /** One structural character and the white space after it. */
  #take(byte: number, what: string): void {
    if (this.#body[this.#at] !== byte) throw this.#expected(what)
    this.#count(this.#at++)
    this.#space()
  }

  #count(at: number): void {
    if (++this.#tokens > this.#limits.tokens) throw tooComplex(this.#limits.tokens, 'brackets, colons and commas', at)
  }

  #expected(what: string): GatewayError {
    const ended = this.#at >= this.#body.length
    return invalidJson(`The body ${ended ? 'ends' : 'is not valid JSON'} at byte ${this.#at}, where ${what} was expected.`)
  }
}

/** The bytes of numbers, `true`, `false` and `null`; whether they spell one is left to whoever parses the value. */
function isLiteral(byte: number | undefined): boolean {
  if (byte === undefined) return false
  const letter = byte | 0x20
  return (byte >= 0x30 && byte <= 0x39) || (letter >= 0x61 && letter <= 0x7a) || byte === 0x2b || byte === 0x2d || byte === 0x2e
}
