import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A disk of a test's own, of some megabytes. */
export interface SmallDisk {
  readonly folder: string
  /** Leaves not a byte. */
  fill(): void
  /** Takes that back. */
  free(): void
  /** Only while nobody has a file of it open for writing. */
  mountAgain(how: 'ro' | 'rw'): void
  remove(): void
}

/** Why none can be had here. */
export const missingDisk: string | undefined = reason()

export function smallDisk(megabytes: number): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'tmpfs', folder], { stdio: 'pipe' })
  const filler = join(folder, 'filler')
  return {
    folder,
    fill() {
      const file = openSync(filler, 'a')
      try {
        for (;;) writeSync(file, Buffer.alloc(4_096, 1))
      } catch {
        closeSync(file)
      }
    },
    free: () => rmSync(filler, { force: true }),
    mountAgain: (how) => void execFileSync('mount', ['-o', `remount,${how}`, folder], { stdio: 'pipe' }),
    remove() {
      execFileSync('umount', [folder], { stdio: 'pipe' })
      rmSync(folder, { recursive: true })
    },
  }
}

function reason(): string | undefined {
  try {
    smallDisk(1).remove()
    return undefined
  } catch {
    return 'this user may not mount a tmpfs'
  }
}
