import { Buffer } from 'node:buffer'
import type { Frame, Framing, Step } from '../contract/dialect.ts'
import { GatewayError } from '../errors.ts'
import { Held } from './held.ts'
import { encodeSse } from './sse.ts'

/** One JSON text a line (https://github.com/ndjson/ndjson-spec): the same lines wherever the stream was cut; blank ones are none. */
export const ndjson: Framing = {
  mediaType: 'application/x-ndjson',
  split: (options) => new LineSplitter(options),
}

const LF = 0x0a
const NOTHING = Buffer.alloc(0)

class LineSplitter implements Step<Buffer, Frame> {
  readonly #maxBytes: number
  readonly #held = new Held()

  constructor({ maxBytes }: { maxBytes: number }) {
    this.#maxBytes = maxBytes
  }

  push(chunk: Buffer): readonly Frame[] {
    const frames: Frame[] = []
    let start = 0
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      this.#line(chunk.subarray(start, end), frames)
      start = end + 1
    }
    this.#admit(chunk.length - start)
    this.#held.add(chunk.subarray(start))
    return frames
  }

  /** What is left without an end of its line. */
  end(): readonly Frame[] {
    const frames: Frame[] = []
    this.#line(NOTHING, frames)
    return frames
  }

  #line(last: Buffer, frames: Frame[]): void {
    this.#admit(last.length)
    const line = this.#held.size === 0 ? last : this.#held.take(last)
    const data = line.toString().trim()
    if (data !== '') frames.push(new LineFrame(data))
  }

  #admit(more: number): void {
    if (this.#held.size + more <= this.#maxBytes) return
    throw new GatewayError(
      'upstream_protocol_error',
      `The provider sent a stream event of more than ${this.#maxBytes} bytes: ask for a shorter answer.`,
    )
  }
}

class LineFrame implements Frame {
  readonly event = undefined
  readonly data: string

  constructor(data: string) {
    this.data = data
  }

  get bytes(): Buffer {
    return Buffer.from(encodeSse({ data: this.data }))
  }
}
