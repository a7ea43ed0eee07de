import { watch } from 'node:fs'
import { type ConfigInput, type LoadedConfig, loadConfig } from './load.ts'
import { ConfigError } from './problems.ts'

export interface WatchInput extends ConfigInput {
  /** A change that is right and differs. It may still refuse, by throwing an error in words. */
  readonly onChange: (config: LoadedConfig) => void
  /** The last good configuration stays in force. */
  readonly onRefused: (error: ConfigError) => void
  readonly current: () => LoadedConfig
}

/** Editors write in several steps; only what rests this long is read. */
const REST = 100

/** Follows the files of the configuration until the returned function is called. */
export function watchConfig(input: WatchInput): () => void {
  let resting: NodeJS.Timeout | undefined
  const read = (): void => {
    const refusal = refusalOf(input)
    if (refusal) input.onRefused(refusal)
  }
  // The folder, not its files: editors and mounted volumes put new files in the place of old ones.
  const watcher = watch(input.folder, () => {
    clearTimeout(resting)
    resting = setTimeout(read, REST).unref()
  })
  watcher.unref()
  watcher.on('error', (error) => input.onRefused(asRefusal(input.folder, error)))
  return () => {
    clearTimeout(resting)
    watcher.close()
  }
}

function refusalOf({ folder, env, current, onChange }: WatchInput): ConfigError | undefined {
  try {
    const next = loadConfig({ folder, env })
    if (next.hash !== current().hash) onChange(next)
    return undefined
  } catch (error) {
    return error instanceof ConfigError ? error : asRefusal(folder, error)
  }
}

function asRefusal(folder: string, error: unknown): ConfigError {
  return new ConfigError([{ file: folder, line: 0, path: '', message: error instanceof Error ? error.message : String(error) }])
}
