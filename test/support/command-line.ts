import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import Database from 'better-sqlite3'

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
  /** The output of `--json`. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  json(): any
}

/** The real command line, as `npm run tollgate --` starts it, over a data folder of its own. */
export interface CommandLine {
  readonly folder: string
  readonly dataFolder: string
  readonly configFolder: string
  run(words: readonly string[], how?: { readonly input?: string; readonly env?: Readonly<Record<string, string>> }): Promise<Ran>
  /** A statement by hand, beside whatever runs. */
  sql(statement: string, ...values: readonly string[]): unknown[]
  /** All that was said so far by any command, for canaries. */
  readonly said: readonly string[]
  remove(): void
}

const root = resolve(import.meta.dirname, '../..')

export function commandLine(files: Readonly<Record<string, string>> = {}): CommandLine {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-cli-'))
  const [dataFolder, configFolder] = [join(folder, 'data'), join(folder, 'config')]
  cpSync(join(root, 'config'), configFolder, { recursive: true })
  for (const [name, content] of Object.entries(files)) writeFileSync(join(configFolder, name), content)
  const said: string[] = []
  return {
    folder,
    dataFolder,
    configFolder,
    said,
    async run(words, { input = '', env = {} } = {}) {
      const child = spawn(process.execPath, [join(root, 'scripts/launch.mjs'), 'src/main.ts', ...words], {
        cwd: folder,
        env: { PATH: process.env['PATH'], TOLLGATE_DATA: dataFolder, TOLLGATE_CONFIG: configFolder, ...env },
      })
      child.stdin.end(input)
      const closed = new Promise<number | null>((done) => child.on('close', done))
      const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), closed])
      said.push(out, err)
      return { code, out, err, json: () => JSON.parse(out) }
    },
    sql(statement, ...values) {
      const db = new Database(join(dataFolder, 'tollgate.db'), { timeout: 5_000 })
      try {
        const prepared = db.prepare(statement)
        return prepared.reader ? prepared.all(...values) : [prepared.run(...values)]
      } finally {
        db.close()
      }
    },
    remove: () => rmSync(folder, { recursive: true }),
  }
}
