import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createRanker } from '../catalog/ranker.ts'
import { readSnapshot, UnreadableList } from '../catalog/snapshot-file.ts'
import type { SimulateOptions } from '../cli/local.ts'
import { type LoadedConfig, loadConfig } from '../config/load.ts'
import { readPlans } from '../config/plans.ts'
import { ConfigError } from '../config/problems.ts'
import { readYaml } from '../config/yaml.ts'
import type { Snapshot } from '../contract/decision.ts'
import type { CatalogSnapshot } from '../contract/refresh.ts'
import { type Simulation, simulate } from '../desk/simulate.ts'
import { GatewayError } from '../errors.ts'
import { cardFor, priceUsage } from '../ledger/cost.ts'
import { snapshotOf } from './gateway.ts'
import { limitsOf } from './limits.ts'
import type { World } from './world.ts'

const DAY = 86_400_000

/** Replays what was asked against the configuration in force and a changed one. Throws `ConfigError` and `GatewayError`. */
export async function simulation(world: World, options: SimulateOptions): Promise<Simulation> {
  const { now } = world
  const { config, refreshed } = world.configured()
  const changed = world.trial(changedConfig(config, world, options), options.catalog === undefined ? refreshed : listOf(options.catalog))
  for (const id of options.without) {
    if (changed.configured().registry.get(id)) continue
    throw new GatewayError('invalid_value', `There is no provider ${id}: tollgate providers list shows those there are.`)
  }
  return simulate({
    asks: await world.store.asks.since(Math.floor(now() / DAY) - options.days),
    directory: world.directory,
    before: unhurried(world, new Set()),
    after: unhurried({ ...world, ...changed }, new Set(options.without)),
    price: (price, usage) => priceUsage(cardFor(price, { at: now() }), usage, 'platform').cost,
  })
}

function changedConfig(config: LoadedConfig, { env }: World, { plans, folder }: SimulateOptions): LoadedConfig {
  const base = folder === undefined ? config : loadConfig({ folder: resolve(folder), env })
  if (plans === undefined) return base
  const read = readPlans(readYaml(resolve(plans)))
  if (!read.value) throw new ConfigError(read.problems)
  return { ...base, plans: read.value }
}

function listOf(path: string): CatalogSnapshot {
  try {
    return readSnapshot(readFileSync(resolve(path), 'utf8'))
  } catch (error) {
    if (error instanceof UnreadableList) throw new GatewayError('invalid_value', `${path}: ${error.message}`)
    throw error
  }
}

/** As calls are judged, but for what passes: limits, outages, and what is switched off just now. */
function unhurried(world: World, without: ReadonlySet<string>): Snapshot {
  const { catalog } = world.configured()
  const snapshot = snapshotOf(world, limitsOf(world), createRanker())
  return {
    ...snapshot,
    resolve: (model) => catalog.resolve(model),
    trouble: (provider, credential) => {
      if (without.has(provider.id)) return { code: 'provider_disabled', reason: 'the simulation is without it' }
      const trouble = snapshot.trouble(provider, credential)
      return trouble?.code === 'provider_disabled' ? undefined : trouble
    },
    ailing: () => undefined,
    limits: () => undefined,
    meters: () => undefined,
  }
}
