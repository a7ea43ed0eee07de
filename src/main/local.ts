import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConfigDiff, DatabaseStatus, Local, SimulationReport } from '../cli/local.ts'
import { diffConfig } from '../config/diff.ts'
import type { Environment } from '../config/env.ts'
import { type LoadedConfig, loadConfig } from '../config/load.ts'
import { dollarsOf } from '../contract/money.ts'
import type { Secret } from '../contract/secret.ts'
import type { Store } from '../contract/store.ts'
import { deadCandidates } from '../desk/checks/routes.ts'
import { showStanding } from '../desk/exports.ts'
import { localOperator } from '../desk/operator.ts'
import type { Change, Simulation, Sums } from '../desk/simulate.ts'
import { GatewayError } from '../errors.ts'
import { verifyBooks } from '../ledger/verify.ts'
import type { VaultStatus } from '../policy/sealing/vault.ts'
import { backupSqlite } from '../store/sqlite/open.ts'
import { configure } from './configured.ts'
import { assertStanding, embeddedFile, followingSql, isStanding, moveStore, openStore, tryForeign } from './database.ts'
import { newlyUndefined } from './follow-config.ts'
import { addMasterKey, masterKeyFile, masterKeysOf, UNTIL_SEEN } from './master-keys.ts'
import { lookAtShared, tellShared } from './shared.ts'
import { simulation } from './simulation.ts'
import { userName } from './user.ts'
import type { World } from './world.ts'

export interface LocalInput {
  readonly env: Environment
  /** Throws `ConfigError`. */
  config(): LoadedConfig
  /** Opened once, closed when the command is done. */
  world(): Promise<World>
}

/** What the commands do with this machine's own files. */
export function localCommands({ env, config, world }: LocalInput): Local {
  /** Only where there is one: a question makes no database. */
  const standing = (): Promise<World> => {
    assertStanding(config().settings)
    return world()
  }
  return {
    async checkConfig() {
      const checked = config()
      await tryForeign(checked.settings)
      const { registry, catalog, plans, warnings } = configure(checked, env)
      const counts = { providers: registry.providers.length, models: catalog.candidates().length }
      const dead = deadCandidates({ catalog, plans, routes: checked.models.routes })
      const odd = dead.map(({ route, because, rule }) => `${rule}: a candidate of route ${route} is never asked, for ${because}.`)
      return {
        ...{ config: checked.hash, files: checked.files, plans: plans.all().map(({ id }) => id), ...counts },
        warnings: [...warnings, ...odd],
      }
    },
    async diffConfig(folder) {
      const current = config()
      if (folder === undefined) return compared(loadConfig({ folder: SHIPPED, env }), current)
      const next = loadConfig({ folder: resolve(folder), env })
      configure(next, env)
      return { ...compared(current, next), orphans: isStanding(current.settings) ? orphans(await world(), next) : [] }
    },
    async databaseStatus() {
      const shared = await lookAtShared(config().settings)
      return { ...(await withStore(config(), databaseStatus)), ...(shared && { shared: tellShared(shared) }) }
    },
    migrateDatabase: () => withStore(config(), databaseStatus),
    databaseTriggers: () => followingSql(config().settings),
    async backupDatabase(file) {
      const source = embeddedFile(config().settings)
      const target = resolve(file)
      if (existsSync(target)) throw new GatewayError('already_exists', `There is a file ${target} already: name another, or move it away.`)
      await backupSqlite(source, target)
      return { file: target, bytes: statSync(target).size }
    },
    moveDatabase: async (askTarget) => move(config(), config().settings.databaseUrl ?? (await askTarget())),
    masterKeys: async () => shown(await (await standing()).vault.status()),
    rotateMasterKeys: async () => rotate(await standing(), config()),
    simulate: async (options) => shownSimulation(await simulation(await standing(), options)),
    verifyLedger: () => withStore(config(), (store) => verifyBooks(store.ledger, Date.now())),
  }
}

/** As the release has it. */
const SHIPPED = resolve(import.meta.dirname, '../../config')

const compared = (from: LoadedConfig, to: LoadedConfig): ConfigDiff => ({
  from: from.hash,
  to: to.hash,
  changes: diffConfig(from, to),
  orphans: [],
})

/** How many tenants a change would leave on each plan that it takes away. */
function orphans(world: World, next: LoadedConfig): ConfigDiff['orphans'] {
  const on = (plan: string) => world.directory.tenants().filter((tenant) => tenant.plan === plan).length
  return newlyUndefined(world, next).map((plan) => ({ plan, tenants: on(plan) }))
}

/** The store alone: what asks no secret works without the master key too. */
async function withStore<T>({ settings }: LoadedConfig, work: (store: Store) => Promise<T>): Promise<T> {
  assertStanding(settings)
  const store = await openStore(settings, { now: Date.now })
  return work(store).finally(() => store.close())
}

async function databaseStatus(store: Store): Promise<DatabaseStatus> {
  const { rowSecurity, readOnly, exports, ...status } = await store.status()
  const found = { row_security: rowSecurity, tenants_from: readOnly.tenants, settings_from: readOnly.settings }
  return { ...status, ...found, exports: exports.map(showStanding) }
}

/** Proves the books where they arrived, before anybody is told that they have. */
async function move({ settings }: LoadedConfig, target: Secret) {
  const { moved, store } = await moveStore(settings, target)
  try {
    const at = new Date().toISOString()
    const audit = {
      at,
      actor: localOperator(userName()).name,
      action: 'database.move',
      tenant: undefined,
      object: 'database',
      detail: moved,
    }
    await store.audit.append(audit)
    return {
      rows: moved,
      ...(await verifyBooks(store.ledger, Date.now())),
      key_file: masterKeyFile({ ...settings, databaseUrl: undefined }),
    }
  } finally {
    await store.close()
  }
}

/** Begins with a new key only where the current one has sealed something: a rotation that was cut short is ended, not begun again. */
async function rotate(world: World, { settings }: LoadedConfig) {
  const file = masterKeyFile(settings)
  const { current, keys } = await world.vault.status()
  const used = keys.some(({ id, rows }) => id === current && rows > 0)
  if (file !== undefined && used) {
    world.vault.adopt(addMasterKey(file))
    await sleep(UNTIL_SEEN)
  }
  const master = masterKeysOf(settings, false)
  if (!master) throw new GatewayError('master_key_missing', 'There is no master key to rotate to: give it in TOLLGATE_MASTER_KEYS.')
  const at = new Date(world.now()).toISOString()
  const audit = { at, actor: localOperator(userName()).name, action: 'master_key.rotate', tenant: undefined, object: master.current.id }
  const { resealed, left } = await world.vault.rotate(master, { ...audit, detail: { from: current } })
  return { ...shown(await world.vault.status()), resealed, left, file }
}

function shown({ current, keys }: VaultStatus) {
  return { current, keys: keys.map(({ dataKeys, ...key }) => ({ ...key, data_keys: dataKeys })) }
}

function shownSimulation({ calls, skipped, changes, before, after }: Simulation): SimulationReport {
  const count = (kind: Change['kind']) => changes.reduce((sum, change) => (change.kind === kind ? sum + change.calls : sum), 0)
  const counts = { lost: count('lost'), gained: count('gained'), rerouted: count('rerouted') }
  return { calls, skipped, ...counts, changes, before: shownSums(before), after: shownSums(after) }
}

const shownSums = ({ cost, charge, ...counts }: Sums) => ({ ...counts, cost_usd: dollarsOf(cost), charge_usd: dollarsOf(charge) })
