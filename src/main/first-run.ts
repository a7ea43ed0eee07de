import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isLoopback } from '../config/listener.ts'
import type { GatewayKey, Tenant } from '../contract/caller.ts'
import { planId, providerId, slug, tenantId } from '../contract/ids.ts'
import type { Secret } from '../contract/secret.ts'
import { digestKey, type MintedKind, mintKey } from '../policy/gateway-keys.ts'
import { SCOPES } from '../policy/scopes.ts'
import type { World } from './world.ts'

/** What a first run made; both undefined on every later one. */
export interface FirstRun {
  /** A demo tenant's key for the two curl lines. */
  readonly demo: { readonly slug: string; readonly key: Secret } | undefined
  /** Shown on a terminal once, else written to `first-run.txt`. */
  readonly adminKey: Secret | undefined
}

const DEMO = providerId('demo')

/**
 * An empty store gets an admin key, unless nobody could be told of it; one of this process's own, on a loopback host, also a demo tenant
 * for each plan, held to the built-in provider. In a database that many share, others may be at it too.
 */
export async function firstRun(world: World, canTell: boolean): Promise<FirstRun> {
  const { settings } = world.configured().config
  const empty = world.directory.size === 0 && world.directory.keys().length === 0
  if (!empty) return { demo: undefined, adminKey: undefined }
  const adminKey =
    settings.adminKey || !canTell ? undefined : await createKey(world, { kind: 'admin', name: 'first admin', scopes: SCOPES })
  const demo = settings.demo && !settings.databaseUrl && isLoopback(settings.host) ? await createDemo(world) : undefined
  return { demo, adminKey }
}

/** Where the admin key goes when nobody looks at a terminal. */
export function keepAdminKey(key: Secret, dataFolder: string): string {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  const file = join(dataFolder, 'first-run.txt')
  writeFileSync(file, `Tollgate's first admin key, shown once. Keep it somewhere safe and delete this file.\n${key.reveal()}\n`, {
    mode: 0o600,
  })
  return file
}

async function createDemo(world: World): Promise<FirstRun['demo']> {
  const plans = world.configured().plans.all()
  for (const { id } of plans) await createTenant(world, id)
  const shown = plans.find(({ id }) => id === 'free')?.id ?? plans[0]?.id
  const tenant = shown === undefined ? undefined : world.directory.tenant(`demo-${shown}`)
  if (!tenant) return undefined
  return { slug: tenant.slug, key: await createKey(world, { kind: 'tenant', name: 'demo', tenant: tenant.id, scopes: [] }) }
}

async function createTenant(world: World, plan: string): Promise<void> {
  const name = `demo-${plan}`.toLowerCase().replace(/[^a-z0-9-]/g, '-')
  const tenant: Tenant = {
    id: tenantId(`demo_${name}`),
    slug: slug(name),
    name: `Demo tenant on plan ${plan}`,
    plan: planId(plan),
    status: 'active',
    overrides: { values: { providers: [DEMO] }, reason: 'Demo tenants use the built-in provider only.' },
    createdAt: new Date(world.now()).toISOString(),
  }
  await world.store.tenants.create(tenant, audit(world, 'tenant.create', tenant))
}

type NewKey = Pick<GatewayKey, 'name' | 'scopes'> & { kind: MintedKind; tenant?: Tenant['id'] }

async function createKey(world: World, { kind, name, scopes, tenant }: NewKey): Promise<Secret> {
  const { id, text } = mintKey(kind, world.random)
  const none = { tenants: undefined, models: undefined, endpoints: undefined, allowIps: undefined, limits: undefined, defaults: undefined }
  const created = { ...none, expiresAt: undefined, revokedAt: undefined, createdAt: new Date(world.now()).toISOString() }
  const key: GatewayKey = { id, kind, name, digest: digestKey(text.reveal(), world.vault.pepper()), tenant, scopes, ...created }
  await world.store.keys.create(key, audit(world, 'key.create', { id: tenant, slug: id }))
  return text
}

function audit(world: World, action: string, of: { id: Tenant['id'] | undefined; slug: string }) {
  return { at: new Date(world.now()).toISOString(), actor: 'first run', action, tenant: of.id, object: of.slug, detail: {} }
}
