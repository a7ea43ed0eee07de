import type { LoadedConfig } from '../config/load.ts'
import type { ConfigError } from '../config/problems.ts'
import { watchConfig } from '../config/watch.ts'
import type { Log } from '../telemetry/log.ts'
import type { World } from './world.ts'

/** Files are watched: a good change is in force at once, a bad one is refused in words and the last good one stays. */
export function followConfig({ world, log }: { world: World; log: Log }): () => void {
  const current = (): LoadedConfig => world.configured().config
  return watchConfig({
    folder: current().settings.configFolder,
    env: world.env,
    current,
    onRefused: (error) => refused(log, error),
    onChange(config) {
      const orphans = newlyUndefined(world, config)
      if (orphans.length > 0) {
        log.error(
          `The change is refused, for it would leave tenants on no plan: ${orphans.join(', ')}. Keep the plan, or list its old id under another plan's was.`,
        )
        return
      }
      try {
        world.adopt(config)
        log.info('The configuration changed.', { config: config.hash })
      } catch (error) {
        log.error(`The change is refused: ${error instanceof Error ? error.message : String(error)}`)
      }
    },
  })
}

/** Plans that tenants are on, that are defined now and would not be after the change. */
export function newlyUndefined(world: Pick<World, 'configured' | 'directory'>, config: LoadedConfig): string[] {
  const after = new Set(config.plans.flatMap(({ id, was }) => [id, ...was]))
  const { plans } = world.configured()
  const used = new Set(world.directory.tenants().map(({ plan }) => plan))
  return [...used].filter((plan) => plans.canonical(plan) && !after.has(plan))
}

function refused(log: Log, error: ConfigError): void {
  for (const { file, line, message } of error.problems)
    log.error(`The change is refused; the last good configuration stays. ${file}:${line} ${message}`)
}
