import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import type { AttemptRow, Spare } from '../../contract/ledger.ts'

/** Set aside while there is room: some seven hundred ends. */
const BYTES = 1024 * 1024

export interface OpenSpare extends Spare {
  readonly isEmpty: boolean
  close(): void
}

/** A file of lines that ends at its first zero. Undefined where there is no room for it. */
export function openSpare(path: string): OpenSpare | undefined {
  try {
    const file = openSync(path, 'w', 0o600)
    writeAt(file, 0, Buffer.alloc(BYTES))
    return spareIn(file)
  } catch {
    return undefined
  }
}

function spareIn(file: number): OpenSpare {
  let end = 0
  return {
    keep(ends) {
      const lines = Buffer.from(ends.map((row) => `${JSON.stringify(row)}\n`).join(''))
      writeAt(file, end, Buffer.concat([lines, ZERO]))
      end += lines.length
    },
    clear() {
      writeAt(file, 0, ZERO)
      end = 0
    },
    get isEmpty() {
      return end === 0
    },
    close: () => closeSync(file),
  }
}

/** What a process kept before it died; a line that it died in is none. */
export function keptIn(path: string): readonly AttemptRow[] {
  const bytes = readOrNothing(path)
  const end = bytes.indexOf(0)
  return bytes
    .toString('utf8', 0, end < 0 ? bytes.length : end)
    .split('\n')
    .flatMap(parsed)
}

const ZERO = Buffer.alloc(1)

/** On the disk when it returns. */
function writeAt(file: number, at: number, bytes: Buffer): void {
  if (writeSync(file, bytes, 0, bytes.length, at) < bytes.length) throw new Error('The disk has no room for the ends of attempts.')
  fsyncSync(file)
}

function readOrNothing(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch {
    return Buffer.alloc(0)
  }
}

function parsed(line: string): AttemptRow[] {
  try {
    return [JSON.parse(line)]
  } catch {
    return []
  }
}
