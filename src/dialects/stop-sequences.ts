import { list, word } from './fields.ts'

/** `stop`, one sequence or several; undefined where there is none. */
export function readStops(stop: unknown): readonly unknown[] | undefined {
  const sequences = word(stop) === undefined ? list(stop) : [stop]
  return sequences.length === 0 ? undefined : sequences
}
