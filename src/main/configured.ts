import { providers } from '../../providers/index.ts'
import { retired } from '../../providers/retired.ts'
import { createCatalog } from '../catalog/catalog.ts'
import { loadEmbedded } from '../catalog/embedded.ts'
import { baseUrlOf, tokenUrlOf } from '../config/base-urls.ts'
import type { Environment } from '../config/env.ts'
import type { LoadedConfig } from '../config/load.ts'
import { ConfigError } from '../config/problems.ts'
import type { OperatorProvider } from '../config/providers.ts'
import type { Catalog } from '../contract/catalog.ts'
import { defineProvider } from '../contract/define.ts'
import type { UpstreamDialect } from '../contract/dialect.ts'
import type { Hub } from '../contract/family.ts'
import type { Provider } from '../contract/provider.ts'
import type { ModelQuirks, Quirks } from '../contract/quirks.ts'
import type { CatalogSnapshot } from '../contract/refresh.ts'
import type { Registry } from '../contract/registry.ts'
import { GatewayError } from '../errors.ts'
import { compilePlans, type PlanBook } from '../policy/plans.ts'
import { createRegistry } from '../policy/registry.ts'
import { spokenDialects } from './spoken-dialects.ts'

/** All that one configuration makes: built whole, replaced whole. */
export interface Configured {
  readonly config: LoadedConfig
  readonly registry: Registry
  readonly catalog: Catalog
  readonly plans: PlanBook
  /** What the last good refresh brought. */
  readonly refreshed: CatalogSnapshot | undefined
  /** What an operator should hear about it. */
  readonly warnings: readonly string[]
}

/** Throws `ConfigError` where the parts do not fit: two groups claim a key, a route leads nowhere. */
export function configure(config: LoadedConfig, env: Environment, refreshed?: CatalogSnapshot): Configured {
  const warnings: string[] = []
  const merged = merge(providers, config.providers).map((provider) => addressed(provider, { config, env, warnings }))
  const registry = fitting(() => createRegistry({ providers: merged, retired }))
  const newer = newerThanShipped(refreshed)
  const catalog = fitting(() => createCatalog({ registry, embedded: embedded(), refreshed: newer, operator: config.models }))
  return { config, registry, catalog, plans: compilePlans(config.plans), refreshed: newer, warnings }
}

/** A release brings newer prices than what was refreshed before it. */
function newerThanShipped(refreshed: CatalogSnapshot | undefined): CatalogSnapshot | undefined {
  const { built } = embedded()
  const stale = refreshed?.built !== undefined && built !== undefined && refreshed.built < built
  return stale ? undefined : refreshed
}

/** What is right by itself and wrong together is told like everything else that is wrong in the files. */
function fitting<T>(build: () => T): T {
  try {
    return build()
  } catch (error) {
    throw new ConfigError([{ file: 'configuration', line: 0, path: '', message: error instanceof Error ? error.message : String(error) }])
  }
}

let shipped: CatalogSnapshot | undefined
export const embedded = (): CatalogSnapshot => (shipped ??= loadEmbedded())

/** The operator's own providers after the shipped ones; an entry of a shipped id adds to that one. */
function merge(known: readonly Provider[], entries: readonly OperatorProvider[]): Provider[] {
  const byId = new Map<string, Provider>(known.map((provider) => [provider.id, provider]))
  for (const entry of entries) byId.set(entry.id, merged(byId.get(entry.id), entry))
  return [...byId.values()]
}

function merged(base: Provider | undefined, { dialect: named, also: added = [], ...entry }: OperatorProvider): Provider {
  const dialect = named === undefined && base ? base.dialect : dialectNamed(named, entry.id)
  const also = added.map((speech) => ({ ...speech, dialect: dialectNamed(speech.dialect, entry.id) }))
  if (!base)
    return defineProvider({
      name: entry.id,
      apiKeyEnv: `${entry.id.replace(/[^A-Za-z0-9]/g, '_').toUpperCase()}_API_KEY`,
      ...entry,
      dialect,
      also,
    })
  const extended = defineProvider({ ...base, ...entry, dialect })
  return {
    ...extended,
    envAliases: [...base.envAliases, ...extended.envAliases.filter((name) => !base.envAliases.includes(name))],
    legacyIds: [...base.legacyIds, ...extended.legacyIds.filter((id) => !base.legacyIds.includes(id))],
    also: [...also, ...base.also.filter((speech) => !also.some(({ dialect: again }) => again === speech.dialect))],
    quirks: { ...base.quirks, ...extended.quirks },
    modelQuirks: [...base.modelQuirks, ...saidOfAll(entry.quirks), ...(entry.modelQuirks ?? [])],
  }
}

/** What an operator says of a provider holds for all its models, whatever is shipped of some. */
const saidOfAll = (quirks: Quirks = {}): ModelQuirks[] => (Object.keys(quirks).length > 0 ? [{ models: ['*'], quirks }] : [])

function dialectNamed(name: string | undefined, provider: string): UpstreamDialect<Hub> {
  const dialect = spokenDialects.get(name ?? '')
  if (dialect) return dialect
  const known = [...spokenDialects.keys()].join(', ')
  const none = name === undefined ? '' : `; ${name} is none`
  throw new GatewayError('invalid_value', `providers.yaml: provider ${provider} needs a dialect, one of ${known}${none}.`)
}

/** The operator's addresses in place of the shipped ones; one that parts of a credential would lead elsewhere from is no longer asked for. */
function addressed(provider: Provider, at: { config: LoadedConfig; env: Environment; warnings: string[] }): Provider {
  const given = baseUrlOf(provider.id, at.config.settings, at.env)
  const minted = withTokenUrl(provider, tokenUrlOf(provider.id, at.config.settings, at.env))
  if (!given) return minted
  if (given.warning !== undefined) at.warnings.push(given.warning)
  return { ...minted, baseUrl: given.url, ...(provider.credentials && { regions: {} }) }
}

function withTokenUrl(provider: Provider, url: string | undefined): Provider {
  const { credentials } = provider
  if (url === undefined || !credentials) return provider
  const ways = credentials.ways.map((way) => (way.mint ? { ...way, mint: { ...way.mint, url } } : way))
  return { ...provider, credentials: { ...credentials, ways } }
}
