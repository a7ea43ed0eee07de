import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@redis/client'
import { until } from './by-hand.ts'

/** Where tests that need Valkey or Redis find one. */
export const url = process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379'

const mustBeThere = process.env['CI'] === 'true'

/** Why there is none; with `CI=true` a missing one is a failure of every test that needs it. */
export const missing: string | undefined = mustBeThere ? undefined : await query(url, ['PING']).then(() => undefined, wordsOf)

/** The program itself, for tests that stop it. */
const program = ['valkey-server', 'redis-server'].find(isInstalled)
export const missingProgram: string | undefined = program || mustBeThere ? undefined : 'neither valkey-server nor redis-server is installed'

/** Before all keys of one test, so that several may share a server. */
export const somePrefix = (): string => `tollgate-test-${randomBytes(6).toString('hex')}:`

/** A server of a test's own. */
export interface RedisServer {
  readonly url: string
  readonly port: number
  /** A command by hand. */
  send(...words: string[]): Promise<unknown>
  /** Stops it where it stands, as a machine that hangs does, until `wake`. */
  freeze(): void
  wake(): void
  kill(): Promise<void>
  /** Another on the same port, with nothing in it. */
  start(): Promise<void>
  remove(): Promise<void>
}

export async function redisServer(...options: readonly string[]): Promise<RedisServer> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-redis-'))
  const address = `redis://127.0.0.1:${port}`
  let child: ChildProcess | undefined
  const server: RedisServer = {
    url: address,
    port,
    send: (...words) => query(address, words),
    freeze: () => void child?.kill('SIGSTOP'),
    wake: () => void child?.kill('SIGCONT'),
    async kill() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return
      const gone = new Promise((resolve) => child?.once('exit', resolve))
      child.kill('SIGKILL')
      await gone
    },
    async start() {
      const always = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder]
      child = spawn(program ?? 'redis-server', [...always, ...options], { stdio: 'ignore' })
      await until('the server', () => query(address, ['PING']).catch(() => undefined), 10_000)
    },
    async remove() {
      await server.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await server.start()
  return server
}

/** On a connection of its own, ended at once. */
export async function query(address: string, words: readonly string[]): Promise<unknown> {
  const client = createClient({ url: address, socket: { reconnectStrategy: false, connectTimeout: 2_000 } })
  client.on('error', () => {})
  await client.connect()
  try {
    return await client.sendCommand([...words])
  } finally {
    client.destroy()
  }
}

/** Those of one test, where they have not gone by themselves. */
export async function forgetKeys(prefix: string): Promise<void> {
  const script = "for _, key in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('UNLINK', key) end"
  await query(url, ['EVAL', script, '0', `${prefix}*`])
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

function isInstalled(name: string): boolean {
  try {
    return execFileSync(name, ['--version']).length > 0
  } catch {
    return false
  }
}

function wordsOf(error: unknown): string {
  return `no Redis answers at ${new URL(url).host} (${error instanceof Error ? error.message : String(error)})`
}
