import type { ProviderFailure } from './provider-failure.ts'

/** A synchronous stream stage without I/O: a recording goes in, an array comes out. */
export interface Step<In, Out> {
  push(item: In): readonly Out[]
  end(): readonly Out[]
}

/** How a dialect's streams are cut into events. */
export interface Framing {
  /** What a stream is asked for, and answered, as. */
  readonly mediaType: string
  /** The same frames wherever the stream was cut. Throws `upstream_protocol_error`, also for a frame of more than `maxBytes`. */
  split(options: { maxBytes: number }): Splitter
}

export interface Splitter extends Step<Buffer, Frame> {
  /** Events without any of these marks may come as one frame, where they follow each other. */
  push(chunk: Buffer, marks?: readonly RegExp[]): readonly Frame[]
}

/** One event of a stream. */
export interface Frame {
  /** Server-sent, as clients read it: exactly as it came, its blank line included, where the provider frames so, too. */
  readonly bytes: Buffer
  /** Undefined where the frame names none. */
  readonly event: string | undefined
  /** Server-sent data lines joined by LF; undefined of a frame without any, such as a comment. */
  readonly data: string | undefined
  /** Where the framing itself tells that the stream failed. */
  readonly failure?: ProviderFailure | undefined
  /** So many events without a mark, of which only the bytes are told. */
  readonly plain?: number
}
