import type { Api } from '../cli/api.ts'
import type { Local, Serve } from '../cli/local.ts'
import { runCommand } from '../cli/program.ts'
import { processTerminal } from '../cli/terminal.ts'
import { type Environment, foldersOf, withoutBlanks } from '../config/env.ts'
import { loadConfig } from '../config/load.ts'
import { Secret } from '../contract/secret.ts'
import type { World } from './world.ts'

/** Runs one command line and returns its exit code. Nothing is loaded or opened before a command asks, and what was opened is closed behind it. */
export async function command(words: readonly string[], env: Environment, serve: Serve): Promise<number> {
  const { NO_COLOR, TOLLGATE_ADMIN_KEY } = withoutBlanks(env)
  const config = once(() => loadConfig({ folder: foldersOf(env).config, env }))
  const closing: (() => Promise<void>)[] = []
  const world = once(async (): Promise<World> => {
    const [{ openWorld }, { assertShared }] = await Promise.all([import('./world.ts'), import('./database.ts')])
    assertShared(config().settings)
    const opened = await openWorld({ config: config(), env })
    closing.unshift(() => opened.close())
    return opened
  })
  const api = once(async (): Promise<Api> => {
    const { localAdmin } = await import('./operator.ts')
    const admin = await localAdmin(await world())
    closing.unshift(() => admin.close())
    return admin.api
  })
  const local = once(async (): Promise<Local> => {
    const { localCommands } = await import('./local.ts')
    return localCommands({ env, config, world })
  })
  const adminKey = TOLLGATE_ADMIN_KEY === undefined ? undefined : new Secret(TOLLGATE_ADMIN_KEY)
  const terminal = processTerminal({ noColor: NO_COLOR !== undefined })
  try {
    return await runCommand(words, { terminal, api, adminKey, local, serve })
  } finally {
    for (const close of closing) await close()
  }
}

function once<T>(make: () => T): () => T {
  let made: { is: T } | undefined
  return () => (made ??= { is: make() }).is
}
