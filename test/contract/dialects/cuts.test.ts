import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChatChunk } from '../../../src/contract/chat.ts'
import type { Frame, SseEvent, Step } from '../../../src/contract/dialect.ts'
import { GatewayError } from '../../../src/errors.ts'
import { MessageSplitter } from '../../../src/wire/event-stream.ts'
import { FrameSplitter } from '../../../src/wire/frames.ts'
import { ndjson } from '../../../src/wire/ndjson.ts'
import { bytesOf, conversations, conversedIn } from '../../support/formats.ts'
import { dialectOf, framesOf } from '../../support/hub-words.ts'
import { decoding, type Recording, recordingsIn, SHARED } from './recordings.ts'

// Every recorded stream of every dialect, in its own framing, cut wherever a socket may cut it.

const streams = conversations.filter(({ stream, response }) => stream && response.status === 200)
const dialects = [...new Set(streams.map(conversedIn))]

describe.each(dialects)('%s', (dialect) => {
  const recorded = streams.filter((recording) => conversedIn(recording) === dialect)

  it.for(recorded)('$file is the same events, cut at any of its bytes', (recording) => {
    const bytes = bytesOf(recording)
    const whole = framesIn(recording, [bytes])
    expect(whole.length).toBeGreaterThan(0)
    // Pieces of one size, begun at each of the first bytes in turn, are cut at every byte there is.
    for (let first = 0; first < PIECE; first++) {
      const frames = framesIn(recording, piecesOf(bytes, PIECE, first))
      if (frames.some((frame, at) => frame !== whole[at]) || frames.length !== whole.length)
        expect(frames, `pieces of ${PIECE} bytes after one of ${first}`).toEqual(whole)
    }
  })

  it.for(recorded)('$file is the same chunks, byte by byte', (recording) => {
    const bytes = bytesOf(recording)
    expect(heardOf(recording, piecesOf(bytes, 1, 0))).toEqual(heardOf(recording, [bytes]))
  })
})

/** How streams are framed that nobody here decodes, as their recorders say. */
const FRAMINGS: Readonly<Record<string, () => Step<Buffer, unknown>>> = {
  sse: () => new FrameSplitter(),
  ndjson: () => ndjson.split({ maxBytes: 8 * 1024 * 1024 }),
  aws: () => new MessageSplitter(),
}

describe('streams of other formats', () => {
  const others = recordingsIn(SHARED).filter(
    (one) => one.stream && one.response.status === 200 && !streams.some(({ file }) => file === one.file),
  )

  it.for(others.filter(({ response_framing: framing }) => framing && framing in FRAMINGS))(
    '$file is the same frames, cut at any of its bytes',
    (recording) => {
      const bytes = bytesOf(recording)
      const framesOf = (pieces: readonly Buffer[]): unknown[] => {
        const splitter = FRAMINGS[recording.response_framing!]!()
        return [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.end()]
      }
      const whole = framesOf([bytes])
      expect(whole.length).toBeGreaterThan(0)
      for (let first = 0; first < PIECE; first++) expect(framesOf(piecesOf(bytes, PIECE, first))).toEqual(whole)
    },
  )
})

it('a stream that breaks off anywhere says what came until then, and never that it is whole', () => {
  const anywhere = fc.tuple(fc.constantFrom(...streams), fc.double({ min: 0, max: 1, noNaN: true }))
  fc.assert(
    fc.property(anywhere, ([recording, share]) => {
      const bytes = bytesOf(recording)
      const whole = heardOf(recording, [bytes])
      const cut = heardOf(recording, [bytes.subarray(0, Math.floor(share * bytes.length))])
      expect(cut.said).toEqual(whole.said.slice(0, cut.said.length))
      if (cut.finished === undefined) expect(finishOf(cut.ended)).toBeNull()
    }),
    { numRuns: 500 },
  )
})

const PIECE = 251

function piecesOf(bytes: Buffer, size: number, first: number): Buffer[] {
  const pieces = first === 0 ? [] : [bytes.subarray(0, first)]
  for (let at = first; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size))
  return pieces
}

/** A frame as one text, so that many are compared cheaply. */
function framesIn(recording: Recording, pieces: readonly Buffer[]): string[] {
  const frames = framesOf(dialectOf(recording))
  return [...pieces.flatMap((piece) => frames.push(piece)), ...ending(() => frames.end())].map(
    ({ event, data, failure }) => `${event}\n${data}\n${failure?.message}`,
  )
}

/** Half a message at the end is an error in some framings and half an event in others. */
function ending(frames: () => readonly Frame[]): readonly Frame[] {
  try {
    return frames()
  } catch (error) {
    if (error instanceof GatewayError) return []
    throw error
  }
}

interface Heard {
  /** What the events said. */
  readonly said: ChatChunk[]
  /** What the end of the stream said. */
  readonly ended: readonly ChatChunk[]
  /** The code of what broke the stream. */
  readonly failure: string | undefined
  /** The event that told why the answer ends. */
  readonly finished: SseEvent | undefined
}

function heardOf(recording: Recording, pieces: readonly Buffer[]): Heard {
  const dialect = dialectOf(recording)
  const frames = framesOf(dialect)
  const decoder = dialect.decodeStream(decoding())
  const said: ChatChunk[] = []
  let finished: SseEvent | undefined
  const take = ({ event, data, failure }: Frame): void => {
    if (failure) throw new GatewayError('upstream_error', failure.message)
    if (data === undefined) return
    const told: SseEvent = event === undefined ? { data } : { event, data }
    said.push(...decoder.push(told))
    if (dialect.ending.isFinish(told) || dialect.ending.isTerminal(told)) finished ??= told
  }
  try {
    for (const piece of pieces) for (const frame of frames.push(piece)) take(frame)
    for (const frame of ending(() => frames.end())) take(frame)
    return { said, ended: decoder.end(), failure: undefined, finished }
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    return { said, ended: [], failure: error.code, finished }
  }
}

const finishOf = (chunks: readonly ChatChunk[]): unknown =>
  chunks.flatMap(({ choices }) => choices).find(({ finish_reason }) => finish_reason)?.finish_reason ?? null
