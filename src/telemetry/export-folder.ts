import { type FileHandle, mkdir, open, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExportedRow } from '../contract/export.ts'
import type { Destination } from './ledger-export.ts'

export interface ExportFolder {
  readonly name: string
  /** Absolute. */
  readonly folder: string
  /** A file that has grown to this is finished. */
  readonly mostBytes: number
}

/** What is still written to; without it the file is whole and never touched again. */
const UNFINISHED = '.part'
/** Longer than a line that a write was torn in. */
const TORN = 1024 * 1024

/**
 * Files of one JSON object a line, on the disk before a row counts as told. One file at a time is open to be added to; at midnight (UTC),
 * or when it is large enough, it takes its final name in one step.
 */
export function folderDestination(
  { name, folder, mostBytes }: ExportFolder,
  { show, now }: { readonly show: (row: ExportedRow) => object; readonly now: () => number },
): Destination {
  const today = (): string => new Date(now()).toISOString().slice(0, 10)

  async function unfinished(): Promise<string | undefined> {
    const names = await readdir(folder).catch(nothingYet)
    return names.filter((file) => file.endsWith(UNFINISHED)).toSorted()[0]
  }

  async function finish(file: string): Promise<void> {
    await rename(join(folder, file), join(folder, file.slice(0, -UNFINISHED.length)))
    await syncFolder(folder)
  }

  async function begin(seq: number): Promise<string> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    // The time keeps two names apart where a restored database begins again with a number that was used.
    return `ledger-${new Date(now()).toISOString().replaceAll(':', '')}-${seq}.ndjson${UNFINISHED}`
  }

  return {
    name,
    async take(rows) {
      const left = await unfinished()
      const file = left ?? (await begin(rows[0]?.seq ?? 0))
      const lines = rows.map((row) => `${JSON.stringify(show(row))}\n`).join('')
      const bytes = await append(join(folder, file), lines)
      if (left === undefined) await syncFolder(folder)
      if (bytes >= mostBytes || !file.includes(today())) await finish(file)
    },
    async rest() {
      const left = await unfinished()
      if (left !== undefined && !left.includes(today())) await finish(left)
    },
  }
}

/** Resolves with the file's size when all of it is on the disk. */
async function append(path: string, lines: string): Promise<number> {
  const file = await open(path, 'a+', 0o600)
  try {
    await cutTorn(file)
    await file.appendFile(lines)
    await file.datasync()
    return (await file.stat()).size
  } finally {
    await file.close()
  }
}

/** A process that died while it wrote left half a line, whose row will come again. */
async function cutTorn(file: FileHandle): Promise<void> {
  const { size } = await file.stat()
  const from = Math.max(0, size - TORN)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from)
  const end = buffer.subarray(0, bytesRead).lastIndexOf('\n') + 1
  if (from + end < size) await file.truncate(from + end)
}

/** A new name is on the disk once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const directory = await open(folder)
  await directory.sync().finally(() => directory.close())
}

const nothingYet = (error: NodeJS.ErrnoException): readonly string[] => {
  if (error.code === 'ENOENT') return []
  throw error
}
