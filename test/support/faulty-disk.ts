import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'

/** A disk whose calls fail when told to, for a gateway that is started with this environment. */
export interface FaultyDisk {
  readonly env: Readonly<Record<string, string>>
  /** From now on, until `works`: each such call on the database or what lies beside it. */
  fails(call: 'write' | 'fsync', error: 'EIO' | 'EROFS'): void
  works(): void
  remove(): void
}

/** Why none can be had here. */
export const missingFaults: string | undefined = reason()

export function faultyDisk(): FaultyDisk {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-faults-'))
  const [library, control] = [join(folder, 'faulty-disk.so'), join(folder, 'faults')]
  execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-o', library, join(import.meta.dirname, 'faulty-disk.c'), '-ldl'], { stdio: 'pipe' })
  writeFileSync(control, '')
  return {
    env: { LD_PRELOAD: library, FAULTS: control },
    fails: (call, error) => writeFileSync(control, `${call} ${constants.errno[error]}`),
    works: () => writeFileSync(control, ''),
    remove: () => rmSync(folder, { recursive: true }),
  }
}

function reason(): string | undefined {
  if (process.platform !== 'linux') return 'calls are made to fail by LD_PRELOAD, which is Linux’s'
  try {
    faultyDisk().remove()
    return undefined
  } catch {
    return 'gcc is not installed'
  }
}
