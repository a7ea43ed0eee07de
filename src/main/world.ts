import { createHmac, randomBytes } from 'node:crypto'
import type { Environment } from '../config/env.ts'
import type { LoadedConfig } from '../config/load.ts'
import type { Settings } from '../config/settings.ts'
import type { Announce } from '../contract/event.ts'
import type { OfferHealth } from '../contract/health.ts'
import type { TenantId } from '../contract/ids.ts'
import type { Switches } from '../contract/incident.ts'
import type { CatalogSnapshot } from '../contract/refresh.ts'
import type { Secret } from '../contract/secret.ts'
import type { Store } from '../contract/store.ts'
import type { Web } from '../contract/web.ts'
import { createDirectory, type Directory } from '../policy/directory.ts'
import { type AuthIncident, createKeyHealth, type KeyHealthWatch } from '../policy/key-health.ts'
import { createOfferHealth } from '../policy/offer-health.ts'
import { createProviderKeys, type ProviderKeys } from '../policy/provider-keys.ts'
import type { MasterKeys } from '../policy/sealing/master-keys.ts'
import { createOpener } from '../policy/sealing/openers.ts'
import { openVault, type VaultService } from '../policy/sealing/vault.ts'
import { createSwitches, type SwitchBoard } from '../policy/switches.ts'
import { createWeb } from '../upstream/web.ts'
import { announcing } from './announcing.ts'
import { type Configured, configure } from './configured.ts'
import { isFresh, makeFolder, openStore } from './database.ts'
import { followMasterKeys, masterKeyFile, masterKeysOf } from './master-keys.ts'

/** Everything but the listeners and the way to providers: what the server and every command work with. */
export interface World {
  readonly env: Environment
  readonly store: Store
  readonly vault: VaultService
  readonly directory: Directory
  readonly keyHealth: KeyHealthWatch
  readonly health: OfferHealth
  readonly switches: Switches
  /** The way to what the operator configured besides providers. */
  readonly web: Web
  /** Notes what somebody should hear of. */
  readonly announce: Announce
  readonly now: () => number
  readonly random: (bytes: number) => Buffer
  /** Of the configuration in force; both are replaced when it changes. */
  configured(): Configured
  providerKeys(): ProviderKeys
  /** Takes a new configuration into force; throws in words and keeps the old one where it does not fit. */
  adopt(config: LoadedConfig): void
  /** What another configuration or catalogue would make of all this; nothing is taken into force. Throws as `adopt` does. */
  trial(config: LoadedConfig, prices: CatalogSnapshot | undefined): Pick<World, 'configured' | 'providerKeys'>
  /** Takes a refreshed catalogue into force. */
  restock(prices: CatalogSnapshot | undefined): void
  close(): Promise<void>
}

export interface WorldInput {
  readonly config: LoadedConfig
  readonly env: Environment
  readonly now?: () => number
  readonly onIncident?: (incident: AuthIncident) => void
  readonly onTrouble?: (error: unknown) => void
}

export async function openWorld(input: WorldInput): Promise<World> {
  const { config, env, now = Date.now, onTrouble = () => {} } = input
  const { settings } = config
  makeFolder(settings)
  const master = masterKeysOf(settings, isFresh(settings))
  const store = await openStore(settings, { now, trouble: onTrouble })
  const vault = await vaultOf(store, settings, master).catch((error: unknown) => closed(store, error))
  const hooks = () => force.configured().config.settings.events
  const announce = announcing({ store: store.events, hooks, now, onTrouble })
  const directory = createDirectory()
  directory.load(await store.load())
  const onIncident = (incident: AuthIncident): void => {
    input.onIncident?.(incident)
    announce(refusedKeys(incident))
  }
  const keyHealth = createKeyHealth({ now, onIncident })
  const force = inForce({ config, env, directory, vault, keyHealth, now }, await store.catalog.newest())
  const switches = await switchesOf(store, now)
  const stop = follow({ store, vault, directory, keyHealth, switches, onTrouble, restock: force.restock })
  const keyFile = masterKeyFile(settings)
  const web = createWeb()
  const unfollow = keyFile === undefined ? undefined : followMasterKeys(keyFile, vault, onTrouble)
  return {
    env,
    store,
    vault,
    directory,
    keyHealth,
    health: createOfferHealth({ now, random: Math.random }),
    switches,
    web,
    announce,
    now,
    random: randomBytes,
    ...force,
    async close() {
      stop()
      unfollow?.()
      await web.close()
      await store.close()
    },
  }
}

function vaultOf(store: Store, { plaintextRows, openers }: Settings, master: MasterKeys | undefined): Promise<VaultService> {
  return openVault({
    store: store.vault,
    master,
    random: randomBytes,
    settings: {
      plaintext: plaintextRows,
      openers: openers.map(({ type, key, prefix }) => createOpener({ type, key, ...(prefix !== undefined && { prefix }) })),
    },
  })
}

function refusedKeys({ type, provider, refused, known }: AuthIncident): Parameters<Announce>[0] {
  return { type, subject: provider, data: { refused, known }, within: 600_000 }
}

async function switchesOf({ incidents }: Store, now: () => number): Promise<SwitchBoard> {
  const switches = createSwitches({ now })
  switches.load(await incidents.all())
  return switches
}

/** Rows changed in other hands reach the vault before the directory, so that what was just sealed opens at once. */
function follow({
  store,
  vault,
  directory,
  keyHealth,
  onTrouble,
  switches,
  restock,
}: Pick<World, 'store' | 'vault' | 'directory' | 'keyHealth' | 'restock'> & {
  switches: SwitchBoard
  onTrouble: (error: unknown) => void
}): () => void {
  return store.watch(async (changes) => {
    await vault.learn(changes).catch(onTrouble)
    for (const { id } of changes.tenants) keyHealth.forget(id)
    directory.apply(changes)
    if (changes.touched?.has('incident')) await store.incidents.all().then(switches.load).catch(onTrouble)
    if (changes.touched?.has('catalog')) await store.catalog.newest().then(restock).catch(onTrouble)
  })
}

function inForce(
  parts: Pick<World, 'env' | 'directory' | 'vault' | 'keyHealth' | 'now'> & { config: LoadedConfig },
  refreshed: CatalogSnapshot | undefined,
): Pick<World, 'configured' | 'providerKeys' | 'adopt' | 'restock' | 'trial'> {
  const { env, directory, vault, keyHealth, now } = parts
  const build = (config: LoadedConfig, prices: CatalogSnapshot | undefined) => {
    const configured = configure(config, env, prices)
    const { platformKey: platform, platformFile } = config.settings
    const fingerprint = fingerprints(vault.pepper())
    return {
      configured,
      keys: createProviderKeys({
        registry: configured.registry,
        rows: directory,
        vault,
        platform,
        platformFile,
        health: keyHealth,
        fingerprint,
        now,
      }),
    }
  }
  let current = build(parts.config, refreshed)
  return {
    configured: () => current.configured,
    providerKeys: () => current.keys,
    adopt(config) {
      current = build(config, current.configured.refreshed)
    },
    trial(config, prices) {
      const { configured, keys } = build(config, prices)
      return { configured: () => configured, providerKeys: () => keys }
    },
    restock(prices) {
      current = build(current.configured.config, prices)
    },
  }
}

/** Eight hex digits under the pepper and the tenant: equal keys of two tenants do not look equal. */
function fingerprints(pepper: Buffer): (tenant: TenantId | undefined, secret: Secret) => string {
  return (tenant, secret) =>
    createHmac('sha256', pepper)
      .update(`fingerprint\0${tenant ?? ''}\0${secret.reveal()}`)
      .digest('hex')
      .slice(0, 8)
}

/** What was opened for nothing is closed before anybody hears why. */
async function closed(store: Store, error: unknown): Promise<never> {
  await store.close()
  throw error
}
