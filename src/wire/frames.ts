import { Buffer } from 'node:buffer'
import type { Frame, Splitter } from '../contract/dialect.ts'
import { GatewayError } from '../errors.ts'
import { Held } from './held.ts'
import { PlainRuns } from './plain-runs.ts'

// The frames of a server-sent stream (WHATWG HTML 9.2.5 and 9.2.6, https://html.spec.whatwg.org/multipage/server-sent-events.html): lines end
// in LF, CR or CRLF in any mix, a blank line ends a frame, and a byte order mark may stand at the very start.

/** Cuts a stream into frames, the same ones wherever its chunks were cut. A frame that lies within one chunk is a view of it, not a copy. */
export class FrameSplitter implements Splitter {
  readonly #maxBytes: number
  readonly #held = new Held()
  #first = true
  /** The line being read has no bytes yet. */
  #lineIsEmpty = true
  /** The last chunk ended in a CR, which ends its line only once it is known whether an LF belongs to it. */
  #afterCr = false

  /** A frame of more than `maxBytes` (8 MiB) throws `upstream_protocol_error`. */
  constructor(options: { maxBytes?: number } = {}) {
    this.#maxBytes = options.maxBytes ?? 8 * 1024 * 1024
  }

  push(chunk: Buffer, marks?: readonly RegExp[]): readonly Frame[] {
    if (chunk.length === 0) return []
    const frames: Frame[] = []
    const runs = marks && chunk.length <= this.#maxBytes ? new PlainRuns(chunk, marks) : undefined
    const breaks = new LineBreaks(chunk)
    let frameStart = 0
    // A CR that the last chunk ended in stands just before this one, at -1.
    let at = this.#afterCr ? -1 : 0
    let lineStart = this.#lineIsEmpty ? at : at - 1
    for (;;) {
      if (runs && at === frameStart && this.#held.size === 0) {
        const { end, events } = runs.from(at)
        if (events > 0) frames.push({ bytes: chunk.subarray(at, end), event: undefined, data: undefined, plain: events })
        at = frameStart = lineStart = end
      }
      const lineEnd = at < 0 ? at : breaks.from(at)
      this.#lineIsEmpty = lineStart === lineEnd
      this.#afterCr = lineEnd === chunk.length - 1 && chunk[lineEnd] === CR
      if (this.#afterCr || lineEnd === chunk.length) break
      at = lineEnd + 1
      if (chunk[lineEnd] !== LF && chunk[at] === LF) at++
      lineStart = at
      if (!this.#lineIsEmpty) continue
      frames.push(this.#frame(chunk.subarray(frameStart, at)))
      frameStart = at
    }
    this.#hold(chunk.subarray(frameStart))
    return frames
  }

  /** What is left without a blank line at the end. */
  end(): readonly Frame[] {
    return this.#held.size === 0 ? [] : [this.#frame(NOTHING)]
  }

  #frame(last: Buffer): Frame {
    this.#admit(last)
    const frame = new SentFrame(this.#held.size === 0 ? last : this.#held.take(last), this.#first)
    this.#first = false
    return frame
  }

  #hold(rest: Buffer): void {
    this.#admit(rest)
    this.#held.add(rest)
  }

  #admit(more: Buffer): void {
    if (this.#held.size + more.length <= this.#maxBytes) return
    throw new GatewayError(
      'upstream_protocol_error',
      `The provider sent a stream event of more than ${this.#maxBytes} bytes: ask for a shorter answer.`,
    )
  }
}

const LF = 0x0a
const CR = 0x0d
const NOTHING = Buffer.alloc(0)

/** Where the next line of a chunk ends. Each kind of break is looked for natively, and again only once it was passed. */
class LineBreaks {
  readonly #chunk: Buffer
  #lf = -1
  #cr = -1

  constructor(chunk: Buffer) {
    this.#chunk = chunk
  }

  /** The offset of the first LF or CR at or after `at`, else the chunk's length. */
  from(at: number): number {
    if (this.#lf < at) this.#lf = this.#find(LF, at)
    if (this.#cr < at) this.#cr = this.#find(CR, at)
    return Math.min(this.#lf, this.#cr)
  }

  #find(byte: number, at: number): number {
    const found = this.#chunk.indexOf(byte, at)
    return found < 0 ? this.#chunk.length : found
  }
}

/** Reads its lines only when asked for the first time. */
class SentFrame implements Frame {
  readonly bytes: Buffer
  readonly #first: boolean
  #fields: Fields | undefined

  constructor(bytes: Buffer, first: boolean) {
    this.bytes = bytes
    this.#first = first
  }

  get event(): string | undefined {
    return this.#read().event
  }

  get data(): string | undefined {
    return this.#read().data
  }

  #read(): Fields {
    return (this.#fields ??= readFields(this.bytes.toString('utf8', this.#first && startsWithMark(this.bytes) ? 3 : 0)))
  }
}

interface Fields {
  event?: string
  data?: string
}

function readFields(text: string): Fields {
  const fields: Fields = {}
  for (const line of text.split(text.includes('\r') ? /\r\n|\n|\r/ : '\n')) {
    const colon = line.indexOf(':')
    const name = colon < 0 ? line : line.slice(0, colon)
    if (name !== 'data' && name !== 'event') continue
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (name === 'event') fields.event = value === '' ? undefined : value
    else fields.data = fields.data === undefined ? value : `${fields.data}\n${value}`
  }
  return fields
}

function startsWithMark(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
}
