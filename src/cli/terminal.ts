import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { Secret } from '../contract/secret.ts'
import { Misused } from './api.ts'

/** Where a command is typed and read. */
export interface Terminal {
  readonly colour: boolean
  /** A person types, so may be asked. */
  readonly interactive: boolean
  out(text: string): void
  err(text: string): void
  /** All of standard input where it is piped, else one line typed unseen. Throws `Misused` where nothing came. */
  secret(what: string): Promise<Secret>
}

export function processTerminal({ noColor }: { noColor: boolean }): Terminal {
  const interactive = process.stdin.isTTY === true
  return {
    colour: process.stdout.isTTY === true && !noColor,
    interactive,
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    async secret(what) {
      const given = interactive ? await typedUnseen(what) : (await text(process.stdin)).replace(/\r?\n$/, '')
      if (given.trim() !== '') return new Secret(given)
      throw new Misused(`No ${what} came on standard input. Pipe it in, or run the command on a terminal and type it.`)
    },
  }
}

async function typedUnseen(what: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  process.stderr.write(`${what} (not shown): `)
  const stopped = new Promise<string>((resolve) => lines.once('SIGINT', () => resolve('')))
  const given = await Promise.race([lines.question(''), stopped])
  lines.close()
  process.stderr.write('\n')
  return given
}
