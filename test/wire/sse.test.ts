import { Buffer } from 'node:buffer'
import { createParser } from 'eventsource-parser'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SseEvent } from '../../src/contract/dialect.ts'
import { comment, DONE, encodeSse, PING, sseDecoder } from '../../src/wire/sse.ts'
import { chunked, cuts, streamText } from './stream.ts'

describe('decoding', () => {
  it('gives the same events cut at every byte, with characters of one to four bytes, CRLF and comments', () => {
    const bytes = Buffer.from(longStream())
    expect(bytes.length).toBeGreaterThan(2_048)
    const whole = decode([bytes])
    expect(whole.length).toBeGreaterThan(40)
    for (let cut = 0; cut <= bytes.length; cut++) expect(decode([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(whole)
    expect(decode(Array.from(bytes, (_, i) => bytes.subarray(i, i + 1)))).toEqual(whole)
  })

  it('gives the same events cut anywhere', () => {
    fc.assert(
      fc.property(streamText(), cuts(), (text, at) => {
        const bytes = Buffer.from(text)
        expect(decode(chunked(bytes, at))).toEqual(decode([bytes]))
      }),
      { numRuns: 2_000 },
    )
  })

  it('agrees with another reader of the format on every stream that ends properly', () => {
    fc.assert(
      fc.property(streamText(), (text) => {
        const stream = `${text}\n\n`
        expect(decode([Buffer.from(stream)])).toEqual(oracle(stream))
      }),
      { numRuns: 5_000 },
    )
  })

  it.each(['data: {"type":"message_stop" }', 'data: [DONE]\n', 'data: [DONE]\r'])('takes %j for a last event', (text) => {
    expect(decode([Buffer.from(text)]).length).toBe(1)
  })

  it('makes no event of comments, blank lines or a name alone', () => {
    expect(decode([Buffer.from(`${PING}${comment('a')}\n\nevent: x\n\nid: 1\n`)])).toEqual([])
  })

  it('replaces bytes that are not UTF-8', () => {
    expect(decode([Buffer.from([...Buffer.from('data: a'), 0xff, ...Buffer.from('b\n\n')])])).toEqual([{ data: 'a\ufffdb' }])
  })

  it('refuses an event of more bytes than allowed', () => {
    const decoder = sseDecoder({ maxBytes: 16 })
    expect(() => decoder.push(Buffer.from('data: 12345678901234'))).toThrowError(
      expect.objectContaining({ code: 'upstream_protocol_error' }),
    )
  })
})

describe('encoding', () => {
  it('writes one frame', () => {
    expect([encodeSse({ data: '{}' }), encodeSse({ event: 'ping', data: '' })]).toEqual(['data: {}\n\n', 'event: ping\ndata: \n\n'])
    expect(decode([Buffer.from(DONE)])).toEqual([{ data: '[DONE]' }])
  })

  it('comes back as it was, with line breaks in data as LF', () => {
    const text = fc
      .array(fc.constantFrom('a', ' ', ':', '\n', '\r', '\r\n', 'data: x', 'é', '😀', '\ufeff'), { maxLength: 8 })
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, fc.option(fc.constantFrom('ping', 'message_stop', ' spaced ', 'a:b'), { nil: undefined }), (data, event) => {
        const lines = data.replaceAll('\r\n', '\n').replaceAll('\r', '\n')
        expect(decode([Buffer.from(encodeSse({ event, data }))])).toEqual([event === undefined ? { data: lines } : { event, data: lines }])
      }),
    )
  })

  it.each(['a\nb', 'a\r', '\r\ndata: forged'])('refuses the event name %j', (event) => {
    expect(() => encodeSse({ event, data: '' })).toThrowError(expect.objectContaining({ code: 'internal_error' }))
  })

  it('keeps a comment a comment, whatever it holds', () => {
    const text = 'a\n\ndata: forged\r\rdata: again\r\n'
    expect(decode([Buffer.from(comment(text))])).toEqual([])
    expect(comment('tollgate {"charge_usd":"0.1"}')).toBe(': tollgate {"charge_usd":"0.1"}\n\n')
  })
})

function decode(chunks: readonly Buffer[]): SseEvent[] {
  const decoder = sseDecoder()
  return [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.end()]
}

function oracle(text: string): SseEvent[] {
  const events: SseEvent[] = []
  const parser = createParser({ onEvent: ({ event, data }) => events.push(event === undefined ? { data } : { event, data }) })
  parser.feed(text)
  return events
}

function longStream(): string {
  const ends = ['\n', '\r\n', '\r']
  const words = ['plain', 'né', '€uro', '😀 two', '日本語']
  const frames = Array.from({ length: 60 }, (_, i) => {
    const end = ends[i % 3]
    const aside = i % 4 === 0 ? `: ping ${words[i % 5]}${end}` : ''
    const name = i % 7 === 0 ? `event: delta${end}` : ''
    return `${aside}${name}data: {"text":"${words[i % 5]} ${i}"}${end}${i % 5 === 0 ? `data:more${end}` : ''}${end}`
  })
  return `\ufeff${frames.join('')}${PING}${DONE}`
}
