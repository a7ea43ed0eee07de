import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Secret } from '../contract/secret.ts'
import { problem } from './check.ts'
import type { ConfigProblem } from './problems.ts'
import type { Path, Source } from './yaml.ts'

/** Reads the files that configuration names in place of secrets, and keeps what is wrong with them. */
export class SecretFiles {
  readonly problems: ConfigProblem[] = []

  /** The file's content without outer white space. `at` is where its path is written; a relative one counts from `folder`. */
  read(source: Source, at: Path, { path, folder }: { path: string | undefined; folder: string }): Secret | undefined {
    if (path === undefined) return undefined
    const file = resolve(folder, path)
    try {
      const content = readFileSync(file, 'utf8').trim()
      if (content !== '') return new Secret(content)
      this.problems.push(problem(source, at, `${file} is empty: write the secret into it, or leave this key out.`))
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
      this.problems.push(
        problem(source, at, `${file} cannot be read (${reason}): create it, readable for this user, or leave this key out.`),
      )
    }
    return undefined
  }
}
