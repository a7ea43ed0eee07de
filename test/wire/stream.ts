import type { Buffer } from 'node:buffer'
import fc from 'fast-check'

/** Random streams out of all that the format knows: line ends of any kind, fields, comments, marks, characters of one to four bytes. */
export function streamText(): fc.Arbitrary<string> {
  const piece = fc.oneof(
    fc.constantFrom('\n', '\r', '\r\n', '\n\n', '\r\n\r\n', '\r\r'),
    fc.constantFrom('data', 'event', 'id', 'retry', ':', ': ', 'data: ', 'data:', 'event: ', ' ', '\ufeff', '\0'),
    fc.constantFrom('a', 'é', '€', '😀', '{"a":1}', '[DONE]', 'ping'),
  )
  return fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''))
}

/** Places to cut at, as shares of the whole. */
export function cuts(): fc.Arbitrary<number[]> {
  return fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 })
}

export function chunked(bytes: Buffer, shares: readonly number[]): Buffer[] {
  const edges = [0, ...shares.map((share) => Math.round(share * bytes.length)).sort((a, b) => a - b), bytes.length]
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end))
}
