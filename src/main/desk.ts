import { statSync } from 'node:fs'
import { join } from 'node:path'
import { createRanker } from '../catalog/ranker.ts'
import { encodeOverrides, parseOverrides } from '../config/overrides.ts'
import type { Gateway } from '../contract/gateway.ts'
import type { Desk } from '../desk/desk.ts'
import type { Host, Installation } from '../desk/doctor.ts'
import { createReconciler } from '../ledger/reconcile.ts'
import { createGuard } from '../upstream/guard.ts'
import { snapshotOf } from './gateway.ts'
import { limitsOf } from './limits.ts'
import { priceListsOf } from './prices.ts'
import { lookAtShared } from './shared.ts'
import type { World } from './world.ts'

/** The desk over this world, with or without a server running. */
export function deskOf(world: World, gateway: Gateway): Desk {
  const { now, random, store, directory, vault, keyHealth } = world
  const guard = createGuard()
  return {
    now,
    random,
    store,
    directory,
    vault,
    keyHealth,
    gateway,
    rules() {
      const { plans, registry, catalog, config } = world.configured()
      const { tenantEndpoints, timezone } = config.settings
      return { plans, registry, catalog, tenantEndpoints, timezone }
    },
    providerKeys: () => world.providerKeys(),
    prices: priceListsOf(world),
    switches: world.switches,
    reconciler: createReconciler,
    overrides: { parse: parseOverrides, encode: encodeOverrides },
    checkEndpoint: (baseUrl) => guard.check(baseUrl),
  }
}

/** What `doctor` looks at. */
export async function installationOf(world: World): Promise<Installation> {
  const { registry, catalog, plans, config } = world.configured()
  const named = new Set(config.settings.ledgerExport.map(({ name }) => name))
  return {
    directory: world.directory,
    keys: world.providerKeys(),
    registry,
    catalog,
    plans,
    host: await hostOf(world),
    snapshot: snapshotOf(world, limitsOf(world), createRanker()),
    health: world.health.report(),
    incidents: world.switches.all(),
    exports: (await world.store.exports.standings()).filter(({ destination }) => named.has(destination)),
    used: await world.store.ledger.usage({ from: world.now() - MONTH, to: world.now() + HOUR }),
  }
}

async function hostOf(world: World): Promise<Host> {
  const { config } = world.configured()
  const { host, adminAddr, plaintextRows, dataFolder, platformKey } = config.settings
  return {
    listens: { host, admin: adminAddr?.host },
    plaintextRows,
    models: config.models,
    platformKey,
    files: dataFolder === undefined ? [] : SECRET_FILES.flatMap((name) => permissionsOf(join(dataFolder, name))),
    node: process.versions.node,
    store: await world.store.status(),
    shared: await lookAtShared(config.settings),
  }
}

const HOUR = 3_600_000
const MONTH = 30 * 24 * HOUR

const SECRET_FILES = ['tollgate.db', 'tollgate.db-wal', 'tollgate.db-shm', 'master.key', 'first-run.txt']

/** Nothing where there is no such file, or a system without such bits. */
function permissionsOf(path: string): Host['files'] {
  const found = process.platform === 'win32' ? undefined : statSync(path, { throwIfNoEntry: false })
  return found ? [{ path, mode: found.mode }] : []
}
