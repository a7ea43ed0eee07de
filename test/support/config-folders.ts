import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach } from 'vitest'
import { ConfigError } from '../../src/config/problems.ts'

/** The folder that a release ships. */
export const shipped = resolve(import.meta.dirname, '../../config')

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** Gone after the test. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-config-'))
  folders.push(folder)
  return folder
}

/** The shipped files, and these in place of theirs. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = emptyFolder()
  cpSync(shipped, folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

/** What a `ConfigError` says, a line for each problem; nothing where the action succeeds. */
export function problemsOf(action: () => unknown): string[] {
  try {
    action()
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n')
    throw error
  }
  return []
}
