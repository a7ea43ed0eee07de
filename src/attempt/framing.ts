import type { Framing, Splitter } from '../contract/dialect.ts'
import { FrameSplitter } from '../wire/frames.ts'

interface Framed {
  readonly framing?: Framing
}

/** What a dialect's streams are asked for, and answered, as: server-sent events where it has no framing of its own. */
export const streamTypeOf = ({ framing }: Framed): string => framing?.mediaType ?? 'text/event-stream'

export const splitterOf = ({ framing }: Framed, options: { maxBytes: number }): Splitter =>
  framing?.split(options) ?? new FrameSplitter(options)

/** By the media type, with its suffixes (RFC 6839) and whatever parameters follow. */
export const isJson = (type: string): boolean => /^application\/(?:[\w.+-]+\+)?json\b/i.test(type)
