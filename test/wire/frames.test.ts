import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Frame } from '../../src/contract/dialect.ts'
import { FrameSplitter } from '../../src/wire/frames.ts'
import { chunked, cuts, streamText } from './stream.ts'

describe('frames', () => {
  it.each([
    ['LF', 'data: a\n\ndata: b\n\n', ['data: a\n\n', 'data: b\n\n']],
    ['CR', 'data: a\r\rdata: b\r\r', ['data: a\r\r', 'data: b\r\r']],
    ['CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n', ['data: a\r\n\r\n', 'data: b\r\n\r\n']],
    [
      'any mix',
      'data: a\r\n\ndata: b\n\r\ndata: c\r\r\ndata: d\n\rx',
      ['data: a\r\n\n', 'data: b\n\r\n', 'data: c\r\r\n', 'data: d\n\r', 'x'],
    ],
    ['blank lines alone', '\n\r\n\r\rdata: a\n\n', ['\n', '\r\n', '\r', '\r', 'data: a\n\n']],
    ['no end', 'data: a\n\ndata: b\n', ['data: a\n\n', 'data: b\n']],
  ])('end at a blank line under %s', (_, text, expected) => {
    expect(split([Buffer.from(text)]).map(({ bytes }) => bytes.toString())).toEqual(expected)
  })

  it('are told as soon as they are whole', () => {
    const splitter = new FrameSplitter()
    expect(splitter.push(Buffer.from('data: a\n\ndata: b\n')).length).toBe(1)
    expect(splitter.push(Buffer.from('\n: c')).length).toBe(1)
    expect(splitter.end().length).toBe(1)
    expect(splitter.end().length).toBe(0)
  })

  it('that lie within one chunk are views of it', () => {
    const chunk = Buffer.from('data: a\n\ndata: b\n\n')
    expect(
      new FrameSplitter().push(chunk).map(({ bytes }) => [bytes.buffer === chunk.buffer, bytes.byteOffset - chunk.byteOffset]),
    ).toEqual([
      [true, 0],
      [true, 9],
    ])
  })

  it('do not change when the buffer of a chunk is used again', () => {
    const splitter = new FrameSplitter()
    const chunk = Buffer.from('data: beg')
    splitter.push(chunk)
    chunk.fill('x')
    expect(splitter.push(Buffer.from('un\n\n'))[0]?.data).toBe('begun')
  })

  it('are the same wherever the stream is cut, and together are the stream', () => {
    fc.assert(
      fc.property(streamText(), cuts(), (text, at) => {
        const bytes = Buffer.from(text)
        const frames = split(chunked(bytes, at))
        expect(frames.map(shown)).toEqual(split([bytes]).map(shown))
        expect(Buffer.concat(frames.map((frame) => frame.bytes)).equals(bytes)).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('the fields of a frame', () => {
  it.each([
    ['one line', 'event: ping\ndata: a\n\n', 'ping', 'a'],
    ['no space after the colon', 'event:ping\ndata:a\n\n', 'ping', 'a'],
    ['two spaces', 'data:  a\n\n', undefined, ' a'],
    ['several data lines', 'data: a\r\ndata:\r\ndata: b\r\n\r\n', undefined, 'a\n\nb'],
    ['data before the event', 'data: a\nevent: x\n\n', 'x', 'a'],
    ['comments, ids and fields nobody knows', ': hi\nid: 7\nretry: 1\ndatum: x\ndata: a\n:\n\n', undefined, 'a'],
    ['a field without a colon', 'data\n\n', undefined, ''],
    ['empty data', 'data:\n\n', undefined, ''],
    ['an empty name', 'event:\ndata: a\n\n', undefined, 'a'],
    ['no data', 'event: ping\n\n', 'ping', undefined],
    ['a comment only', ': ping\n\n', undefined, undefined],
    ['nothing', '\n', undefined, undefined],
    ['a byte order mark', '\ufeffdata: a\n\n', undefined, 'a'],
    ['a colon in the value', 'data: {"a":"b: c"}\n\n', undefined, '{"a":"b: c"}'],
  ])('read %s', (...[, text, event, data]) => {
    expect(split([Buffer.from(text)]).map((frame) => [frame.event, frame.data])).toEqual([[event, data]])
  })

  it('take a byte order mark for one only at the very start', () => {
    expect(split([Buffer.from('data: a\n\n\ufeffdata: b\n\n')]).map((frame) => frame.data)).toEqual(['a', undefined])
  })
})

describe('a frame that does not end', () => {
  const tooLong = expect.objectContaining({ code: 'upstream_protocol_error' })

  it.each([[[64]], [[63, 1]], [Array.from({ length: 64 }, () => 1)]])('is taken up to the limit in chunks of %j', (sizes) => {
    const splitter = new FrameSplitter({ maxBytes: 64 })
    for (const size of sizes) splitter.push(Buffer.alloc(size, 'x'))
    expect(() => splitter.push(Buffer.from('x'))).toThrowError(tooLong)
  })

  it('is refused as well when its end comes along', () => {
    expect(new FrameSplitter({ maxBytes: 9 }).push(Buffer.from('data: 1\n\ndata: 2\n\n')).length).toBe(2)
    expect(() => new FrameSplitter({ maxBytes: 8 }).push(Buffer.from('data: 1\n\n'))).toThrowError(tooLong)
  })

  it('is 8 MiB at most, and costs no more than its size in chunks of a few bytes', () => {
    const splitter = new FrameSplitter()
    const began = performance.now()
    for (let sent = 0; sent < 8 * 1024 * 1024; sent += 16) splitter.push(Buffer.alloc(16, 'x'))
    expect(performance.now() - began, 'milliseconds').toBeLessThan(3_000)
    expect(() => splitter.push(Buffer.from('x'))).toThrowError(tooLong)
  })
})

function split(chunks: readonly Buffer[]): Frame[] {
  const splitter = new FrameSplitter()
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()]
}

function shown({ bytes, event, data }: Frame) {
  return { bytes: bytes.toString('latin1'), event, data }
}
