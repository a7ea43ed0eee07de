// The composition root: `serve` runs the gateway, every other word is a command.

import { environment, foldersOf } from './config/env.ts'
import { loadConfig } from './config/load.ts'
import { GatewayError } from './errors.ts'
import { serve } from './main/serve.ts'
import { stopOnSignal } from './main/signals.ts'

const [verb = 'serve', ...words] = process.argv.slice(2)

try {
  if (verb === 'serve') {
    const running = await serve({
      config: loadConfig({ folder: foldersOf(environment).config, env: environment }),
      env: environment,
      uptime: () => performance.now(),
      record: optionValue('--record'),
      replay: optionValue('--replay'),
      print: (text) => process.stdout.write(`${text}\n`),
      terminal: process.stdout.isTTY,
    })
    stopOnSignal(() => running.stop())
  }
} catch (error) {
  if (!(error instanceof GatewayError) && !(error instanceof Error && error.name === 'ConfigError')) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}

function optionValue(option: string): string | undefined {
  const at = words.indexOf(option)
  return at < 0 ? undefined : words[at + 1]
}
