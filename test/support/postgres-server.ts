import { execFile, execFileSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, rmSync } from 'node:fs'
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
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-postgres-'))
  const port = await freePort()
  if (owner?.uid !== undefined) execFileSync('chown', [`${owner.uid}:${owner.gid}`, folder])
  const data = join(folder, 'data')
  const call = (command: string, ...words: readonly string[]) => run(join(bin ?? '', command), words, { ...owner, cwd: folder })
  await call('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync')
  const options = `-p ${port} -k ${folder} -h 127.0.0.1 -c shared_buffers=16MB -c max_connections=60`
  const server: PostgresServer = {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    start: async () => void (await call('pg_ctl', '-D', data, '-w', '-l', join(folder, 'log'), '-o', options, 'start')),
    stop: async (mode) => void (await call('pg_ctl', '-D', data, '-w', '-m', mode, 'stop')),
    async remove() {
      await server.stop('immediate').catch(() => {})
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await server.start()
  return server
}

function ownerOf(name: string): { uid: number; gid: number } | undefined {
  try {
    const [uid = 0, gid = 0] = ['-u', '-g'].map((which) => Number(execFileSync('id', [which, name], { stdio: 'pipe' })))
    return { uid, gid }
  } catch {
    return undefined
  }
}
