import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Frame, UpstreamDialect } from '../../../src/contract/dialect.ts'
import { openaiChat } from '../../../src/dialects/openai-chat.ts'
import { Meter, type Seen } from '../../../src/meter.ts'
import { FrameSplitter } from '../../../src/wire/frames.ts'
import { bytesOf, conversations, conversedIn } from '../../support/formats.ts'
import { dialectOf } from '../../support/hub-words.ts'
import { chunked, cuts, streamText } from '../../wire/stream.ts'

// Events that tell nothing but content are passed on together. Whoever looks at each of them must see no more.

const streams = conversations.filter(
  (recording) => recording.stream && recording.response.status === 200 && dialectOf(recording).ending.marks !== undefined,
)

describe.each([...new Set(streams.map(conversedIn))])('%s', (dialect) => {
  it.for(streams.filter((recording) => conversedIn(recording) === dialect))('$file is seen alike, together and one by one', (recording) => {
    const bytes = bytesOf(recording)
    for (const size of [97, 1024, 8192, bytes.length]) {
      const pieces = piecesOf(bytes, size)
      const dialect = dialectOf(recording)
      expect(seenOf(dialect, pieces, true).all, `in pieces of ${size} bytes`).toEqual(seenOf(dialect, pieces, false).all)
    }
  })
})

it('events are really passed on together', () => {
  const together = streams.filter((recording) => seenOf(dialectOf(recording), piecesOf(bytesOf(recording), 1024), true).runs > 0)
  expect(together.length).toBeGreaterThan(20)
})

const piecesOf = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))

it('any stream is seen alike, however it is cut', () => {
  const events = fc.constantFrom(
    ...['data: {"choices":[{"delta":{"content":"a"},"finish_reason":null}],"usage":null}\n\n', 'event: x\ndata: {}\n\n', ': ping\n\n'],
    ...['data: {"choices":[{"delta":{},"finish_reason": "stop"}]}\n\n', 'data: {"choices":[],"usage":{"prompt_tokens":3}}\n\n'],
    ...[
      'data: {"error":{"message":"no"}}\n\n',
      'data: [DONE]\n\n',
      'data: 1\ndata: 2\n\n',
      'data: {}\r\n\r\n',
      'id: 1\ndata: {}\n\n',
      '\n',
    ],
  )
  const text = fc.array(fc.oneof({ weight: 8, arbitrary: events }, streamText()), { maxLength: 30 }).map((pieces) => pieces.join(''))
  fc.assert(
    fc.property(text, cuts(), (stream, shares) => {
      const pieces = chunked(Buffer.from(stream), shares)
      expect(seenOf(openaiChat, pieces, true).all).toEqual(seenOf(openaiChat, pieces, false).all)
    }),
    { numRuns: 2000 },
  )
})

/** All that a reader of the stream makes of it, a run told as the events it stands for, and how many runs there were. */
function seenOf(dialect: UpstreamDialect, pieces: readonly Buffer[], together: boolean) {
  const meter = new Meter(dialect, {})
  const splitter = new FrameSplitter()
  const seen: Seen[] = []
  const bytes: Buffer[] = []
  let runs = 0
  const take = (frame: Frame): void => {
    if (frame.plain !== undefined) runs++
    seen.push(...Array<Seen>(frame.plain ?? 1).fill(meter.see(frame)))
    bytes.push(frame.bytes)
  }
  for (const piece of pieces) splitter.push(piece, together ? meter.marks : undefined).forEach(take)
  splitter.end().forEach(take)
  const { finished, outputSeen, failure } = meter
  const text = Buffer.concat(bytes).toString('latin1')
  return { all: { seen, text, finished, outputSeen, failure, usage: meter.usage(), id: meter.responseId() }, runs }
}
