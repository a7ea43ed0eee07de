import type { Buffer } from 'node:buffer'
import { GatewayError } from '../errors.ts'

// Why a body is refused: each sentence names the byte and says what to do. None repeats what the client wrote, but for a key's name.

export function invalidJson(sentence: string): GatewayError {
  return new GatewayError('invalid_json', `${sentence} Send one valid JSON object.`)
}

/** A top-level value that does not parse. Without a cause, since the parser's own message quotes the value. */
export function unreadable(name: string, at: number): GatewayError {
  return new GatewayError('invalid_json', `The value of ${quoted(name)} at byte ${at} is not valid JSON: correct it.`, {
    param: brief(name),
  })
}

/** Two readers of one body, we and the provider, might each believe a different one of the two. */
export function duplicateKey(name: string, at: number): GatewayError {
  return new GatewayError('duplicate_key', `${quoted(name)} is given again at byte ${at}: send it once.`, { param: brief(name) })
}

export function tooDeep(most: number, at: number): GatewayError {
  return new GatewayError('json_too_deep', `The body is nested more than ${most} levels deep at byte ${at}: send a flatter one.`)
}

export function tooComplex(most: number, what: string, at: number): GatewayError {
  return new GatewayError('json_too_complex', `The body has more than ${most} ${what} at byte ${at}: send fewer.`)
}

export function notUtf8(body: Buffer): GatewayError {
  return new GatewayError('invalid_utf8', `The body is not UTF-8 at byte ${firstBadByte(body)}: encode it as UTF-8.`)
}

function firstBadByte(body: Buffer): number {
  const repaired = new TextEncoder().encode(body.toString('utf8'))
  const at = body.findIndex((byte, index) => byte !== repaired[index])
  return at < 0 ? body.length : at
}

const quoted = (name: string): string => JSON.stringify(brief(name))

/** Fit for an error, however long the client's name is. */
const brief = (name: string): string => (name.length > 64 ? `${name.slice(0, 63)}…` : name)
