import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import { GatewayError } from '../errors.ts'
import { Held } from './held.ts'

// Amazon's event stream (application/vnd.amazon.eventstream, https://smithy.io/2.0/aws/amazon-eventstream.html). A message is: its whole
// length and that of its headers (4 bytes each), their checksum (4), the headers, the payload, the checksum of all before it (4). Numbers
// are big-endian, checksums CRC-32.

export type HeaderValue = boolean | number | bigint | string | Buffer | Date

export interface EventMessage {
  readonly headers: ReadonlyMap<string, HeaderValue>
  readonly payload: Buffer
}

const PRELUDE = 12
const CHECKSUM = 4

/** Cuts a stream into messages, the same ones wherever its chunks were cut. A payload that lies within one chunk is a view of it, not a copy. */
export class MessageSplitter {
  readonly #maxBytes: number
  readonly #held = new Held()
  /** Bytes of the message that is being read, known once its prelude is there. */
  #length: number | undefined
  /** Most messages of a stream have the same headers, and are spared reading them again. */
  #headers = keptHeaders(Buffer.alloc(0))

  /** What breaks the format, or is a message of more than `maxBytes` (8 MiB), throws `upstream_protocol_error`. */
  constructor(options: { maxBytes?: number } = {}) {
    this.#maxBytes = options.maxBytes ?? 8 * 1024 * 1024
  }

  push(chunk: Buffer): readonly EventMessage[] {
    const messages: EventMessage[] = []
    let rest = chunk
    for (;;) {
      const there = this.#held.size + rest.length
      if (this.#length === undefined && there >= PRELUDE) this.#length = this.#readLength(rest)
      if (this.#length === undefined || there < this.#length) break
      const last = rest.subarray(0, this.#length - this.#held.size)
      rest = rest.subarray(last.length)
      messages.push(this.#decode(this.#held.size === 0 ? last : this.#held.take(last)))
      this.#length = undefined
    }
    this.#held.add(rest)
    return messages
  }

  /** Nothing may be left: half a message cannot be read. */
  end(): readonly EventMessage[] {
    if (this.#held.size > 0) throw broken('the stream ended in the middle of an event')
    return []
  }

  #decode(bytes: Buffer): EventMessage {
    const end = bytes.length - CHECKSUM
    if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32BE(end)) throw broken('the checksum of an event is wrong')
    const payload = PRELUDE + bytes.readUInt32BE(4)
    const headers = bytes.subarray(PRELUDE, payload)
    if (!headers.equals(this.#headers.bytes)) this.#headers = keptHeaders(Buffer.from(headers))
    return { headers: this.#headers.headers, payload: bytes.subarray(payload, end) }
  }

  #readLength(rest: Buffer): number {
    const prelude = this.#held.size === 0 ? rest : Buffer.concat([this.#held.bytes, rest.subarray(0, PRELUDE)])
    const length = prelude.readUInt32BE(0)
    if (crc32(prelude.subarray(0, 8)) !== prelude.readUInt32BE(8)) throw broken("the checksum of an event's beginning is wrong")
    if (length < PRELUDE + prelude.readUInt32BE(4) + CHECKSUM) throw broken('the lengths of an event contradict each other')
    if (length <= this.#maxBytes) return length
    throw broken(`an event has more than ${this.#maxBytes} bytes`)
  }
}

const keptHeaders = (bytes: Buffer) => ({ bytes, headers: decodeHeaders(bytes) })

/** Each header is the length of its name (1 byte), the name, the kind of its value (1 byte), the value. */
function decodeHeaders(bytes: Buffer): Map<string, HeaderValue> {
  const headers = new Map<string, HeaderValue>()
  let at = 0
  try {
    while (at < bytes.length) {
      const name = at + 1 + bytes.readUInt8(at)
      const kind = KINDS[bytes.readUInt8(name)]
      if (kind === undefined) throw new RangeError('No header value is of this kind.')
      const value = name + 1
      const end = value + (typeof kind.size === 'number' ? kind.size : kind.size(bytes, value))
      if (end > bytes.length) throw new RangeError('A header value is longer than what is there.')
      headers.set(bytes.toString('utf8', at + 1, name), kind.read(bytes, value, end))
      at = end
    }
  } catch (cause) {
    throw broken('the headers of an event cannot be read', cause)
  }
  return headers
}

interface Kind {
  /** Bytes. */
  readonly size: number | ((bytes: Buffer, at: number) => number)
  read(bytes: Buffer, start: number, end: number): HeaderValue
}

const LENGTH = 2
const lengthAndBytes = (bytes: Buffer, at: number): number => LENGTH + bytes.readUInt16BE(at)

/** By the number that names them. */
const KINDS: readonly Kind[] = [
  { size: 0, read: () => true },
  { size: 0, read: () => false },
  { size: 1, read: (bytes, at) => bytes.readInt8(at) },
  { size: 2, read: (bytes, at) => bytes.readInt16BE(at) },
  { size: 4, read: (bytes, at) => bytes.readInt32BE(at) },
  { size: 8, read: (bytes, at) => bytes.readBigInt64BE(at) },
  { size: lengthAndBytes, read: (bytes, start, end) => bytes.subarray(start + LENGTH, end) },
  { size: lengthAndBytes, read: (bytes, start, end) => bytes.toString('utf8', start + LENGTH, end) },
  // A time, in milliseconds since 1970.
  { size: 8, read: (bytes, at) => new Date(Number(bytes.readBigInt64BE(at))) },
  // A UUID.
  { size: 16, read: (bytes, start, end) => bytes.subarray(start, end) },
]

function broken(what: string, cause?: unknown): GatewayError {
  return new GatewayError('upstream_protocol_error', `The provider's stream cannot be read: ${what}. Try again.`, { cause })
}
