import type { Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'

// We ask for identity; a provider that compresses all the same is read within limits that no honest answer reaches.
const MAX_BYTES = 64 * 1024 * 1024
const MAX_RATIO = 100
/** A few kilobytes of spaces compress better than 100 to 1 and harm nobody. */
const RATIO_FROM = 1024 * 1024

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
}

export interface InflateSink {
  onData(chunk: Buffer): void
  onEnd(): void
  /** The bytes are not what they claim to be, or unfold beyond all measure: `what` continues a sentence about the provider. */
  onBroken(what: string, cause?: Error): void
  /** The decoder has enough for now, or wants more. */
  onPressure(full: boolean): void
}

/** Undoes one content coding, as a stream. */
export class Inflater {
  readonly #decoder: Transform
  readonly #sink: InflateSink
  #read = 0
  #written = 0

  /** Undefined where the coding is unknown, or codings are stacked: nobody needs two. */
  static of(coding: string, sink: InflateSink): Inflater | undefined {
    const decoder = Object.hasOwn(DECODERS, coding) ? DECODERS[coding]?.() : undefined
    return decoder === undefined ? undefined : new Inflater(decoder, sink)
  }

  constructor(decoder: Transform, sink: InflateSink) {
    this.#decoder = decoder
    this.#sink = sink
    decoder
      .on('data', (chunk: Buffer) => this.#deliver(chunk))
      .on('end', () => sink.onEnd())
      .on('drain', () => sink.onPressure(false))
      .on('error', (error: Error) => sink.onBroken('sent compressed bytes that cannot be read', error))
  }

  write(chunk: Buffer): void {
    this.#read += chunk.length
    if (!this.#decoder.write(chunk)) this.#sink.onPressure(true)
  }

  end(): void {
    this.#decoder.end()
  }

  pause(): void {
    this.#decoder.pause()
  }

  resume(): void {
    this.#decoder.resume()
  }

  destroy(): void {
    this.#decoder.destroy()
  }

  #deliver(chunk: Buffer): void {
    this.#written += chunk.length
    const bomb = this.#written > MAX_BYTES || (this.#written > RATIO_FROM && this.#written > this.#read * MAX_RATIO)
    if (bomb) this.#sink.onBroken('sent compressed bytes that unfold beyond all measure')
    else this.#sink.onData(chunk)
  }
}
