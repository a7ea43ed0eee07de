// The composition root: `serve` runs the gateway, every other word is a command of an operator.

import { parseArgs } from 'node:util'
import { environment, foldersOf } from '../config/env.ts'
import { loadConfig } from '../config/load.ts'
import { GatewayError } from '../errors.ts'

const words = process.argv.slice(2)

try {
  const plain = serveOptions(words)
  if (plain) await run(plain)
  else {
    // Loaded only here: a gateway that starts need not wait for the command line, nor a command for the gateway.
    const { command } = await import('./commands.ts')
    process.exitCode = await command(words, environment, run)
  }
} catch (error) {
  if (!(error instanceof GatewayError) && !(error instanceof Error && error.name === 'ConfigError')) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}

interface ServeOptions {
  readonly record?: string | undefined
  readonly replay?: string | undefined
}

/** Undefined where there is more to say than that the gateway shall run: help, or what is wrong with the words. */
function serveOptions([verb, ...args]: readonly string[]): ServeOptions | undefined {
  if (verb !== 'serve') return undefined
  try {
    return parseArgs({ args, options: { record: { type: 'string' }, replay: { type: 'string' } } }).values
  } catch {
    return undefined
  }
}

async function run({ record, replay }: ServeOptions): Promise<void> {
  const [{ serve }, { stopOnSignal }] = await Promise.all([import('./serve.ts'), import('./signals.ts')])
  const running = serve({
    config: loadConfig({ folder: foldersOf(environment).config, env: environment }),
    env: environment,
    uptime: () => performance.now(),
    record,
    replay,
    print: (text) => process.stdout.write(`${text}\n`),
    terminal: process.stdout.isTTY,
  })
  // Heard from the first moment on: a signal during the start stops what has started.
  stopOnSignal(async () => (await running).stop())
  await running
}
