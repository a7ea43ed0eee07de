import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { until } from './by-hand.ts'

/** The gateway as a process of its own, on a fresh data folder, with the demo tenants of a first run. */
export interface GatewayProcess {
  readonly child: ChildProcess
  readonly url: string
  /** The demo tenant's, from the first `curl` line. */
  readonly key: string
  readonly dataFolder: string
  readonly exited: Promise<number | null>
  printed(): string
  logged(): string
  kill(): void
}

export async function startProcess(env: Readonly<Record<string, string>> = {}): Promise<GatewayProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-process-'))
  const dataFolder = join(folder, 'data')
  const child = spawn(process.execPath, ['src/main.ts', 'serve'], {
    cwd: resolve(import.meta.dirname, '../..'),
    env: { PATH: process.env['PATH'], TOLLGATE_DATA: dataFolder, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  let logged = ''
  child.stdout.on('data', (text) => (printed += text))
  child.stderr.on('data', (text) => (logged += text))
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  const line = () => {
    if (child.exitCode !== null) throw new Error(`The gateway ended with ${child.exitCode}: ${logged}`)
    return CURL.exec(printed) ?? undefined
  }
  const [, url = '', key = ''] = await until('the two curl lines', line, 10_000)
  return {
    child,
    url,
    key,
    dataFolder,
    exited,
    printed: () => printed,
    logged: () => logged,
    kill() {
      child.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const CURL = /^curl -s (http:\/\/\S+)\/v1\/chat\/completions -H 'authorization: Bearer (\S+)'/m
