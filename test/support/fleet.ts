import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { appendFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Balancer, startBalancer } from './balancer.ts'
import { type State, sharedState } from './state.ts'

const root = resolve(import.meta.dirname, '../..')

export interface Replica {
  readonly url: string
  readonly child: ChildProcess
  /** Its exit code, null where a signal ended it. */
  readonly exited: Promise<number | null>
}

/** Gateways as processes of their own over what they share, behind a balancer that takes one after the other. */
export interface Fleet {
  readonly url: string
  readonly balancer: Balancer
  readonly replicas: readonly Replica[]
  readonly adminKey: string
  readonly state: State
  readonly configFolder: string
  remove(): Promise<void>
}

interface FleetOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Files of the configuration, by name. */
  readonly config?: Readonly<Record<string, string>>
}

export async function startFleet(size: number, { env = {}, config = {} }: FleetOptions = {}): Promise<Fleet> {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-fleet-'))
  const configFolder = join(folder, 'config')
  const adminKey = randomBytes(24).toString('hex')
  const state = await sharedState()
  cpSync(join(root, 'config'), configFolder, { recursive: true })
  for (const [name, text] of Object.entries(config)) writeFileSync(join(configFolder, name), text)
  appendFileSync(join(configFolder, 'gateway.yaml'), state.config)
  const all = { ...state.env, TOLLGATE_CONFIG: configFolder, TOLLGATE_ADMIN_KEY: adminKey, PORT: '0', ...env }
  // All at once, as an orchestrator starts them.
  const replicas = await Promise.all(Array.from({ length: size }, () => startReplica(all)))
  const balancer = await startBalancer(replicas.map(({ url }) => url))
  return {
    ...{ url: balancer.url, balancer, replicas, adminKey, state, configFolder },
    async remove() {
      await balancer.close()
      for (const { child } of replicas) child.kill('SIGKILL')
      await Promise.all(replicas.map(({ exited }) => exited))
      await state.drop()
      rmSync(folder, { recursive: true })
    },
  }
}

async function startReplica(env: Readonly<Record<string, string>>): Promise<Replica> {
  const child = spawn(process.execPath, ['src/main.ts', 'serve'], {
    cwd: root,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  let said = ''
  child.stderr.on('data', (text) => (said += text))
  const url = await new Promise<string>((listens, failed) => {
    child.stdout.on('data', (text) => {
      said += text
      const [, address] = /Tollgate listens on (\S+) \(/.exec(said) ?? []
      if (address) listens(address)
    })
    void exited.then((code) => failed(new Error(`A replica ended by itself with ${code}: ${said}`)))
  })
  return { url, child, exited }
}
