import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type EventMessage, type HeaderValue, MessageSplitter } from '../../src/wire/event-stream.ts'
import { hasShared, recordingsIn, SHARED } from '../contract/dialects/recordings.ts'
import { event, exception, message, number, type Written, written } from '../support/event-stream.ts'
import { chunked, cuts } from './stream.ts'

describe('a message', () => {
  it('has headers and a payload', () => {
    expect(split([event('chunk', { a: 1 })])).toEqual([
      { headers: { ':event-type': 'chunk', ':content-type': 'application/json', ':message-type': 'event' }, payload: '{"a":1}' },
    ])
  })

  it('may have neither', () => {
    expect(split([message({})])).toEqual([{ headers: {}, payload: '' }])
  })

  it('reads each kind of header value', () => {
    const sixteen = Buffer.from('0123456789abcdef')
    const headers: Record<string, Written> = {
      yes: { kind: 0, bytes: Buffer.alloc(0) },
      no: { kind: 1, bytes: Buffer.alloc(0) },
      byte: { kind: 2, bytes: Buffer.from([0xff]) },
      short: { kind: 3, bytes: Buffer.from([0x80, 0x00]) },
      int: { kind: 4, bytes: number(7, 4) },
      long: { kind: 5, bytes: Buffer.from('7fffffffffffffff', 'hex') },
      bytes: { kind: 6, bytes: Buffer.concat([number(2, 2), Buffer.from([1, 2])]) },
      text: written('é€😀'),
      time: { kind: 8, bytes: Buffer.concat([number(0, 2), number(1_700_000_000_123, 6)]) },
      uuid: { kind: 9, bytes: sixteen },
    }
    expect(split([message(headers, 'p')])).toEqual([
      {
        headers: {
          ...{ yes: true, no: false, byte: -1, short: -32768, int: 7, long: 9223372036854775807n },
          ...{ bytes: Buffer.from([1, 2]), text: 'é€😀', time: new Date(1_700_000_000_123), uuid: sixteen },
        },
        payload: 'p',
      },
    ])
  })

  it('is told as soon as it is whole', () => {
    const [first, second] = [event('a', {}), event('b', {})]
    const splitter = new MessageSplitter()
    expect(splitter.push(Buffer.concat([first, second.subarray(0, 20)])).length).toBe(1)
    expect(splitter.push(second.subarray(20, -1)).length).toBe(0)
    expect(splitter.push(second.subarray(-1)).length).toBe(1)
    expect(splitter.end()).toEqual([])
  })

  it('has a payload that is a view of the chunk it lies in', () => {
    const chunk = event('chunk', { a: 1 })
    expect(new MessageSplitter().push(chunk)[0]?.payload.buffer).toBe(chunk.buffer)
  })

  it('does not change when the buffer of a chunk is used again', () => {
    const bytes = event('chunk', { a: 1 })
    const splitter = new MessageSplitter()
    const chunk = Buffer.from(bytes.subarray(0, 90))
    splitter.push(chunk)
    chunk.fill(0)
    expect(splitter.push(bytes.subarray(90))[0]?.payload.toString()).toBe('{"a":1}')
  })

  it('is the same wherever the stream is cut', () => {
    const one = fc.record({
      headers: fc.dictionary(fc.string({ minLength: 1, maxLength: 9 }), fc.string({ maxLength: 30 }), { maxKeys: 4 }),
      payload: fc.uint8Array({ maxLength: 200 }),
    })
    fc.assert(
      fc.property(fc.array(one, { maxLength: 6 }), cuts(), (messages, at) => {
        const sent = messages.map(({ headers, payload }) => ({ headers: { ...headers }, payload: Buffer.from(payload) }))
        const bytes = Buffer.concat(sent.map(({ headers, payload }) => message(headers, payload)))
        expect(split(chunked(bytes, at))).toEqual(sent.map(({ headers, payload }) => ({ headers, payload: payload.toString() })))
      }),
      { numRuns: 1_000 },
    )
  })

  it('is the same at every single cut, and byte by byte', () => {
    const bytes = Buffer.concat([event('a', { text: 'é' }), exception('throttlingException', { message: 'Slow down.' }), event('b', {})])
    const whole = split([bytes])
    for (let at = 0; at <= bytes.length; at++) expect(split([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole)
    expect(split([...bytes].map((byte) => Buffer.from([byte])))).toEqual(whole)
  })
})

describe('what breaks the format is refused', () => {
  const broken = (sentence: string) =>
    expect.objectContaining({ code: 'upstream_protocol_error', message: expect.stringContaining(sentence) })
  const flipped = (bytes: Buffer, at: number) => {
    const copy = Buffer.from(bytes)
    copy[at] = (copy[at] ?? 0) ^ 1
    return copy
  }

  it('wherever one bit of a message is another', () => {
    const bytes = event('chunk', { a: 1 })
    for (let at = 0; at < bytes.length; at++) expect(() => split([flipped(bytes, at)]), `byte ${at}`).toThrowError(broken(''))
  })

  it('where the end is missing', () => {
    expect(() => split([event('chunk', {}).subarray(0, -1)])).toThrowError(broken('in the middle of an event'))
  })

  it('where the lengths contradict each other', () => {
    const lengths = Buffer.concat([number(16, 4), number(1, 4)])
    const bytes = Buffer.concat([lengths, number(crc32(lengths), 4), number(0, 4)])
    expect(() => split([bytes])).toThrowError(broken('contradict'))
  })

  it('where a header cannot be read', () => {
    expect(() => split([message({ odd: { kind: 10, bytes: Buffer.alloc(1) } })])).toThrowError(broken('headers'))
    expect(() => split([message({ long: { kind: 7, bytes: number(9, 2) } })])).toThrowError(broken('headers'))
  })

  it('before a message that is too large was kept', () => {
    const bytes = message({}, 'x'.repeat(100))
    expect(new MessageSplitter({ maxBytes: bytes.length }).push(bytes).length).toBe(1)
    const splitter = new MessageSplitter({ maxBytes: bytes.length - 1 })
    expect(() => splitter.push(bytes.subarray(0, 12))).toThrowError(broken('bytes'))
  })
})

describe.skipIf(!hasShared)('the shared recordings (skipped where ../shared/recordings is not there)', () => {
  const streams = recordingsIn(SHARED).filter(({ response }) => response.headers['content-type'] === 'application/vnd.amazon.eventstream')

  it.for(streams)('$file', ({ response }) => {
    const bytes = Buffer.from(response.body, 'base64')
    const whole = split([bytes])
    expect(whole.length).toBeGreaterThan(0)
    for (const size of [1, 7, 613]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))
      expect(split(pieces)).toEqual(whole)
    }
  })
})

function split(chunks: readonly Buffer[]): { headers: Record<string, HeaderValue>; payload: string }[] {
  const splitter = new MessageSplitter()
  return [...chunks.flatMap((chunk) => splitter.push(chunk).map(shown)), ...splitter.end().map(shown)]
}

const shown = ({ headers, payload }: EventMessage) => ({ headers: Object.fromEntries(headers), payload: payload.toString() })
