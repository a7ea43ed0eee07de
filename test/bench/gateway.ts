// Our own gateway as an operator runs it: `serve` in a process of its own, over a data folder with one tenant, its key and its sealed provider keys.

import { appendFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { loadConfig } from '../../src/config/load.ts'
import type { GatewayKey, Tenant } from '../../src/contract/caller.ts'
import { planId, slug, tenantId } from '../../src/contract/ids.ts'
import { openWorld, type World } from '../../src/main/world.ts'
import { digestKey, mintKey } from '../../src/policy/gateway-keys.ts'
import { type Child, printed, start } from './child.ts'
import { STREAMS } from './streams.ts'

const root = resolve(import.meta.dirname, '../..')

/** A plan whose every limit is counted and never reached. */
const PLAN = `
  bench:
    extends: team
    limits: { rpm: 100000000, tpm: 100000000000, concurrency: 100000 }
    budget: { usd: 1000000, per: month }
`

/** A provider for each dialect, all of them the same one. */
const providers = (origin: string): string =>
  `providers:\n${Object.keys(STREAMS)
    .map((id) => `  - { id: by-${id}, dialect: ${id}, base_url: "${origin}/${id}/v1" }\n`)
    .join('')}`

export interface Home {
  readonly env: Readonly<Record<string, string>>
  /** The tenant's gateway key. */
  readonly key: string
}

/** A folder with configuration and data, ready to be served from. */
export async function makeHome(folder: string, provider: string): Promise<Home> {
  const config = join(folder, 'config')
  mkdirSync(folder, { recursive: true })
  cpSync(join(root, 'config'), config, { recursive: true })
  appendFileSync(join(config, 'plans.yaml'), PLAN)
  writeFileSync(join(config, 'providers.yaml'), providers(provider))
  const env = {
    TOLLGATE_DATA: join(folder, 'data'),
    TOLLGATE_CONFIG: config,
    TOLLGATE_DEMO: 'off',
    PORT: '0',
    TOLLGATE_OPENAI_BASE_URL: `${provider}/openai-chat/v1`,
    TOLLGATE_ANTHROPIC_BASE_URL: `${provider}/anthropic-messages/v1`,
  }
  const world = await openWorld({ config: loadConfig({ folder: config, env }), env })
  const key = await settle(world)
  await world.close()
  return { env, key }
}

export interface Served extends Child {
  readonly origin: string
  /** Milliseconds from the process's start to its first listening, as it says itself. */
  readonly ready: number
}

export async function serve(env: Home['env'], flags: readonly string[] = []): Promise<Served> {
  const child = start({ script: join(root, 'src/main.ts'), args: ['serve'], env, flags })
  const [, origin = '', ready] = await printed(child.process, /listens on (\S+) \(ready in (\d+) ms\)/)
  return { ...child, origin, ready: Number(ready) }
}

/** One tenant that pays with keys of its own, sealed. */
async function settle(world: World): Promise<string> {
  const id = tenantId('tn_bench')
  const createdAt = new Date().toISOString()
  const audit = { at: createdAt, actor: 'bench', action: 'bench.settle', tenant: id, object: 'bench', detail: {} }
  const tenant: Tenant = {
    id,
    slug: slug('bench'),
    name: 'Bench',
    plan: planId('bench'),
    status: 'active',
    overrides: undefined,
    createdAt,
  }
  await world.store.tenants.create(tenant, audit)
  const put = await Promise.all(
    ['openai', 'anthropic', ...Object.keys(STREAMS).map((id) => `by-${id}`)].map(async (name) => {
      const { apiKeyEnv } = world.configured().registry.get(name) ?? never(name)
      return { key: apiKeyEnv, value: await world.vault.seal({ tenant: id, group: apiKeyEnv }, `sk-bench-${name}-0123456789`) }
    }),
  )
  await world.store.settings.write(id, { put, remove: [] }, audit)
  const { id: keyId, text } = mintKey('tenant', world.random)
  const key: GatewayKey = {
    id: keyId,
    kind: 'tenant',
    name: 'bench',
    digest: digestKey(text.reveal(), world.vault.pepper()),
    tenant: id,
    tenants: undefined,
    scopes: [],
    models: undefined,
    endpoints: undefined,
    allowIps: undefined,
    limits: undefined,
    defaults: undefined,
    expiresAt: undefined,
    revokedAt: undefined,
    createdAt,
  }
  await world.store.keys.create(key, audit)
  return text.reveal()
}

function never(name: string): never {
  throw new Error(`There is no provider ${name}.`)
}
