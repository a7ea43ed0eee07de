import { execFile, execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../bench/child.ts'

const run = promisify(execFile)

/** A PostgreSQL server of a test's own, which may be stopped, killed and started again. */
export interface PostgresServer {
  readonly url: string
  start(): Promise<void>
  /** `immediate`: as if it had been killed. */
  stop(mode: 'fast' | 'immediate'): Promise<void>
  /** A running server that follows this one, so many milliseconds behind. */
  standby(behind?: number): Promise<PostgresServer>
  /** A standby takes writes from now on. */
  promote(): Promise<void>
  /** With its standbys. */
  remove(): Promise<void>
}

const bin = [
  ...(process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'initdb')),
  ...globSync('/usr/lib/postgresql/*/bin/initdb'),
]
  .filter(existsSync)
  .map(dirname)
  .at(-1)

/** PostgreSQL refuses to run as root, and so does `initdb`. */
const owner: { uid?: number; gid?: number } | undefined = process.getuid?.() === 0 ? ownerOf('postgres') : {}

/** Why none can be started here. */
export const missingServer: string | undefined =
  bin === undefined ? 'initdb is not installed' : owner === undefined ? 'there is no user postgres to run a server' : undefined

export async function startPostgresServer(): Promise<PostgresServer> {
  const folder = await folderOfOwner()
  await call('initdb', folder, ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'])
  return started(folder)
}

async function started(folder: string): Promise<PostgresServer> {
  const port = await freePort()
  const standbys: PostgresServer[] = []
  const options = `-p ${port} -k ${folder} -h 127.0.0.1 -c shared_buffers=16MB -c max_connections=60 -c wal_keep_size=64MB`
  const control = (...words: readonly string[]) => call('pg_ctl', folder, ['-w', ...words])
  const server: PostgresServer = {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    start: () => control('-l', join(folder, 'log'), '-o', options, 'start'),
    stop: (mode) => control('-m', mode, 'stop'),
    async standby(behind = 0) {
      const copy = await folderOfOwner()
      await call('pg_basebackup', copy, ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '-R', '--no-sync', '-c', 'fast'])
      appendFileSync(join(copy, 'data', 'postgresql.auto.conf'), `recovery_min_apply_delay = ${behind}\n`)
      const standby = await started(copy)
      standbys.push(standby)
      return standby
    },
    promote: () => control('promote'),
    async remove() {
      for (const standby of standbys) await standby.remove()
      await server.stop('immediate').catch(() => {})
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await server.start()
  return server
}

async function folderOfOwner(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-postgres-'))
  if (owner?.uid !== undefined) await run('chown', [`${owner.uid}:${owner.gid}`, folder])
  return folder
}

async function call(command: string, folder: string, words: readonly string[]): Promise<void> {
  await run(join(bin ?? '', command), ['-D', join(folder, 'data'), ...words], { ...owner, cwd: folder })
}

function ownerOf(name: string): { uid: number; gid: number } | undefined {
  try {
    const [uid = 0, gid = 0] = ['-u', '-g'].map((which) => Number(execFileSync('id', [which, name], { stdio: 'pipe' })))
    return { uid, gid }
  } catch {
    return undefined
  }
}
