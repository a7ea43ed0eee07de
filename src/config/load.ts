import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { OperatorModels } from '../contract/catalog.ts'
import type { PlanSource } from '../contract/plan.ts'
import type { Checked } from './check.ts'
import type { Environment } from './env.ts'
import { readModels } from './models.ts'
import { readPlans } from './plans.ts'
import { ConfigError } from './problems.ts'
import { type OperatorProvider, readProviders } from './providers.ts'
import { readSettings, type Settings } from './settings.ts'
import { readYaml, type YamlFile } from './yaml.ts'

export interface LoadedConfig {
  readonly settings: Settings
  readonly plans: readonly PlanSource[]
  readonly models: OperatorModels
  readonly providers: readonly OperatorProvider[]
  /** Twelve hex digits over all that counts: comments, line numbers and secrets do not. */
  readonly hash: string
  /** The files that were read. */
  readonly files: readonly string[]
}

export interface ConfigInput {
  /** Holds `plans.yaml` and, where wanted, `gateway.yaml`, `models.yaml` and `providers.yaml`. */
  readonly folder: string
  readonly env: Environment
}

/** The whole configuration, checked. Throws `ConfigError` with everything that is wrong in any of its files. */
export function loadConfig({ folder, env }: ConfigInput): LoadedConfig {
  const settings = read(folder, 'gateway.yaml', (file) => readSettings(file, { ...env, TOLLGATE_CONFIG: folder }))
  const plans = read(folder, 'plans.yaml', (file) => (file.exists ? readPlans(file) : noPlans(folder)))
  const models = read(folder, 'models.yaml', readModels)
  const providers = read(folder, 'providers.yaml', readProviders)
  if (!settings.value || !plans.value || !models.value || !providers.value) {
    throw new ConfigError([...settings.problems, ...plans.problems, ...models.problems, ...providers.problems])
  }
  const parts = { settings: settings.value, plans: plans.value, models: models.value, providers: providers.value }
  const files = ['gateway.yaml', 'plans.yaml', 'models.yaml', 'providers.yaml'].map((name) => join(folder, name))
  return { ...parts, hash: hashOf(parts), files: files.filter((file) => existsSync(file)) }
}

/** What counts in a configuration, in an order that does not depend on how it was written. */
export function canonical(config: Omit<LoadedConfig, 'hash' | 'files'>): unknown {
  const { configFolder: _config, dataFolder: _data, ...settings } = config.settings
  const plans = Object.fromEntries(config.plans.map(({ writtenAt: _lines, ...plan }) => [plan.id, plan]))
  const providers = Object.fromEntries(config.providers.map((provider) => [provider.id, provider]))
  return sorted({ settings, plans, models: config.models, providers })
}

function read<T>(folder: string, name: string, reader: (file: YamlFile) => Checked<T>): Checked<T> {
  const file = readYaml(join(folder, name))
  return file.problems.length > 0 ? { value: undefined, problems: file.problems } : reader(file)
}

function noPlans(folder: string): Checked<PlanSource[]> {
  const message = `There is no plans.yaml in ${folder}: copy config/plans.yaml of the release there, or let TOLLGATE_CONFIG name the folder that has one.`
  return { value: undefined, problems: [{ file: 'plans.yaml', line: 0, path: '', message }] }
}

function hashOf(config: Omit<LoadedConfig, 'hash' | 'files'>): string {
  return createHash('sha256')
    .update(JSON.stringify(canonical(config)))
    .digest('hex')
    .slice(0, 12)
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  // Secrets know how not to be written; their presence counts, their value does not.
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return value
  return Object.fromEntries(
    Object.entries(value)
      // A line's number is no part of what is said there.
      .filter(([key]) => key !== 'writtenAt')
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}
