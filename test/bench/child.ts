import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Account } from './witness.ts'

/** A process of the bench: measured through its witness, asked through its own messages. */
export interface Child {
  readonly process: ChildProcess
  account(): Promise<Account>
  stop(): Promise<void>
}

export interface Command {
  readonly script: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** For Node itself. */
  readonly flags?: readonly string[]
  readonly cwd?: string
}

export function start({ script, args = [], env = {}, flags = [], cwd }: Command): Child {
  const witness = join(import.meta.dirname, 'witness.ts')
  const child = spawn(process.execPath, [...flags, '--import', witness, script, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  child.on('exit', (code, signal) => {
    if (code !== 0 && signal === null) console.error(`${script} ended with ${code ?? signal}.`)
  })
  return {
    process: child,
    async account() {
      child.send('account')
      return (await told<{ account: Account }>(child, 'account')).account
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
    },
  }
}

/** The next message of a child that holds `what`; fails where the child ends before. */
export function told<Message extends object>(child: ChildProcess, what: keyof Message & string): Promise<Message> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: object): void => {
      if (what in message) finish(() => resolve(message as Message))
    }
    const onExit = (): void => finish(() => reject(new Error(`A process ended before it told its ${what}.`)))
    const finish = (then: () => void): void => {
      child.off('message', onMessage).off('exit', onExit)
      then()
    }
    child.on('message', onMessage).on('exit', onExit)
  })
}

/** Everything a child prints until it matches. */
export function printed(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.on('exit', () => reject(new Error(`A process ended without a word like ${pattern}: ${text}`)))
    child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
      const found = pattern.exec(text)
      if (found) resolve(found)
    })
  })
}

/** For a process that cannot choose a port by itself. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}
