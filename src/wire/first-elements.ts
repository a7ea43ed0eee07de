import type { Buffer } from 'node:buffer'

const QUOTE = 0x22
const COMMA = 0x2c
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/** Where the elements of the JSON array that begins at `start` end, each exclusive, one after the other: for who needs the first few only. */
export function* elementEnds(body: Buffer, start: number, end: number): Generator<number> {
  let depth = 0
  for (let at = start; at < end; at++) {
    const byte = body[at]
    if (byte === QUOTE) at = endOfString(body, at, end)
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++
    else if (byte === COMMA && depth === 1) yield at
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth--
      if (depth === 0) {
        yield at
        return
      }
    }
  }
}

function endOfString(body: Buffer, from: number, end: number): number {
  for (let at = from + 1; at < end; at++) {
    if (body[at] === BACKSLASH) at++
    else if (body[at] === QUOTE) return at
  }
  return end
}
