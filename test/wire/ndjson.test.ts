import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ndjson } from '../../src/wire/ndjson.ts'

const split = (pieces: readonly Buffer[], maxBytes = 1_000): (string | undefined)[] => {
  const splitter = ndjson.split({ maxBytes })
  return [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.end()].map(({ data }) => data)
}

describe('lines of JSON', () => {
  it('are the same wherever the stream was cut, and the last needs no end', () => {
    const text = '{"a":"é🌬️"}\r\n\n{"b":[1,\t2]}\n   \n{"c":3}'
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: Buffer.byteLength(text) })), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), Buffer.byteLength(text)]
        const pieces = at.slice(1).map((end, index) => Buffer.from(text).subarray(at[index], end))
        expect(split(pieces)).toEqual(['{"a":"é🌬️"}', '{"b":[1,\t2]}', '{"c":3}'])
      }),
    )
  })

  it('are refused where one is longer than any may be', () => {
    expect(() => split([Buffer.from('x'.repeat(8)), Buffer.from('x'.repeat(8))], 15)).toThrow(/more than 15 bytes/)
    expect(split([Buffer.from('xxxxxxx\n'.repeat(100))], 15)).toHaveLength(100)
  })

  it('are server-sent events for clients', () => {
    const [frame] = ndjson.split({ maxBytes: 99 }).push(Buffer.from('{"a":1}\n'))
    expect(frame?.bytes.toString()).toBe('data: {"a":1}\n\n')
  })
})
