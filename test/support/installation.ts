import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../bench/child.ts'

const root = resolve(import.meta.dirname, '../..')

/** A gateway's folders, address and keys, which stay the same over all its processes. */
export interface Installation {
  readonly url: string
  readonly folder: string
  readonly dataFolder: string
  /** A new process, ready. Rejects where it ends by itself. */
  start(): Promise<void>
  /** A new process that is killed so many milliseconds later, wherever it is by then. */
  startInVain(ms: number): Promise<void>
  kill(): Promise<void>
  /** Asks it to stop, and resolves with its exit code. */
  stop(): Promise<number | null>
  /** A POST of the admin API. */
  admin(path: string, body: object): Promise<{ readonly id: string; readonly key: string }>
  /** A new tenant of the enterprise plan, unless its overrides say otherwise, and a key of its own. */
  tenant(slug: string, overrides?: object): Promise<{ readonly id: string; readonly key: string }>
  /** True where a charge could be admitted; undefined where not. */
  isReady(): Promise<true | undefined>
  /** The last that its processes said. */
  said(): string
  remove(): void
}

export interface Installed {
  /** Whoever answers as `openai` and as `groq`, each under its id as base path. */
  readonly provider: string
  /** Files in place of the shipped ones, by name. */
  readonly config?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
}

export async function install({ provider, config = {}, env = {} }: Installed): Promise<Installation> {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-crash-'))
  const port = await freePort()
  const adminKey = randomBytes(24).toString('hex')
  const dataFolder = env['TOLLGATE_DATA'] ?? join(folder, 'data')
  const all = {
    ...environmentOf(folder, provider, config),
    PORT: String(port),
    TOLLGATE_ADMIN_KEY: adminKey,
    ...env,
    TOLLGATE_DATA: dataFolder,
  }
  const url = `http://127.0.0.1:${port}`
  let child: ChildProcess | undefined
  let said = ''

  function launch(): ChildProcess {
    // Detached, so that a signal from the keyboard reaches whoever runs this and not its gateways.
    const started = spawn(process.execPath, ['src/main.ts', 'serve'], {
      cwd: root,
      env: all,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    const hear = (text: string) => (said = (said + text).slice(-4_000))
    started.stdout.setEncoding('utf8').on('data', hear)
    started.stderr.setEncoding('utf8').on('data', hear)
    return started
  }

  async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null
    const gone = once(child, 'exit')
    child.kill(signal)
    const [code] = await gone
    return code
  }

  async function admin(path: string, body: object): Promise<{ id: string; key: string }> {
    const headers = { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' }
    const response = await fetch(`${url}/admin/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`POST ${path} was answered ${response.status}: ${await response.text()}`)
    return (await response.json()) as { id: string; key: string }
  }

  return {
    ...{ url, folder, dataFolder, admin, said: () => said },
    async start() {
      const started = launch()
      child = started
      await new Promise<void>((ready, failed) => {
        started.stdout?.on('data', (text: string) => text.includes('Tollgate listens') && ready())
        started.on('close', (code) => failed(new Error(`The gateway ended by itself with ${code}: ${said}`)))
      })
    },
    async startInVain(ms) {
      child = launch()
      await sleep(ms)
      await end('SIGKILL')
    },
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    async tenant(slug, overrides = {}) {
      const { id } = await admin('/tenants', { slug, plan: 'enterprise', overrides })
      return { id, key: (await admin(`/tenants/${slug}/keys`, {})).key }
    },
    isReady: async () => (await fetch(`${url}/health/ready`)).ok || undefined,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function environmentOf(folder: string, provider: string, files: Readonly<Record<string, string>>): Record<string, string> {
  const config = join(folder, 'config')
  cpSync(join(root, 'config'), config, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(config, name), text)
  const cache = join(root, 'node_modules/.cache/tollgate')
  mkdirSync(cache, { recursive: true })
  return {
    PATH: process.env['PATH'] ?? '',
    NODE_COMPILE_CACHE: cache,
    TOLLGATE_CONFIG: config,
    TOLLGATE_DEMO: 'off',
    OPENAI_API_KEY: 'sk-proj-of-the-platform-01',
    GROQ_API_KEY: 'gsk_of-the-platform-00002',
    TOLLGATE_OPENAI_BASE_URL: `${provider}/openai`,
    TOLLGATE_GROQ_BASE_URL: `${provider}/groq`,
  }
}
