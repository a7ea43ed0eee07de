import type { Copy } from '../contract/copy.ts'

// A line of JSON that tells all but the body, with the length of each piece of it; then the pieces.

interface Head extends Omit<Copy, 'pieces'> {
  readonly lengths: readonly number[]
}

export function encodeCopy({ pieces, ...told }: Copy): Buffer {
  const head: Head = { ...told, lengths: pieces.map(({ length }) => length) }
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), ...pieces])
}

export function decodeCopy(bytes: Buffer): Copy {
  const end = bytes.indexOf('\n')
  const { lengths, ...told }: Head = JSON.parse(bytes.toString('utf8', 0, end))
  let at = end + 1
  const pieces = lengths.map((length) => bytes.subarray(at, (at += length)))
  return { ...told, pieces }
}
