import { randomBytes } from 'node:crypto'
import type { Ranker } from '../catalog/ranker.ts'
import type { AnswerCache } from '../contract/answer-cache.ts'
import type { AskBook } from '../contract/asked.ts'
import type { GatewayKey } from '../contract/caller.ts'
import type { Catalog } from '../contract/catalog.ts'
import type { Claims } from '../contract/copy.ts'
import type { Snapshot } from '../contract/decision.ts'
import type { Gateway, Observer, Tokens } from '../contract/gateway.ts'
import type { Incident, Switches } from '../contract/incident.ts'
import type { Ledger } from '../contract/ledger.ts'
import type { Provider } from '../contract/provider.ts'
import type { Traces } from '../contract/trace.ts'
import type { Upstream } from '../contract/upstream.ts'
import { createDrains } from '../policy/drains.ts'
import { createIdentify } from '../policy/identify.ts'
import { createKeepers } from '../policy/keepers.ts'
import type { Limits } from '../policy/limits.ts'
import { compileNarrowing } from '../policy/plans.ts'
import { createRetryBudget } from '../policy/retry-budget.ts'
import { after } from './after.ts'
import type { Configured } from './configured.ts'
import type { World } from './world.ts'

export interface GatewayParts {
  readonly world: World
  readonly limits: Limits
  readonly ledger: Ledger
  readonly upstream: Upstream
  readonly tokens: Tokens
  readonly observe: Observer
  readonly rank: Ranker
  readonly traces: Traces
  readonly asked: AskBook
  readonly claims: Claims
  readonly answers: AnswerCache
  readonly instance: string
}

/** The page's ports, filled in. */
export function createGateway({ world, limits, rank, ...parts }: GatewayParts): Gateway {
  const { settings } = world.configured().config
  const { directory, vault, now } = world
  let snapshot: { of: Configured; is: Snapshot } | undefined
  return {
    ...parts,
    now,
    identify: createIdentify({ directory, pepper: vault.pepper(), adminKey: settings.adminKey, now }),
    lapsed: ({ id, expiresAt }) =>
      directory.key(id)?.revokedAt !== undefined || !directory.key(id) || (expiresAt !== undefined && Date.parse(expiresAt) <= now()),
    snapshot() {
      const configured = world.configured()
      if (snapshot?.of !== configured) snapshot = { of: configured, is: snapshotOf(world, limits, rank) }
      return snapshot.is
    },
    limits,
    keyHealth: world.keyHealth,
    health: world.health,
    retries: createRetryBudget({ after }),
    drains: createDrains({ after }),
    random: Math.random,
    get deadlines() {
      return world.configured().config.settings.deadlines
    },
    get sizes() {
      return world.configured().config.settings.sizes
    },
    keepers: createKeepers({ store: world.store.keepers, now }),
    usedVia: (via) => via && world.providerKeys().used(via),
  }
}

/** All reads are of memory, so one snapshot serves every decision under one configuration. */
export function snapshotOf(world: World, limits: Limits, rank: Ranker): Snapshot {
  const { config, catalog, plans } = world.configured()
  const keys = world.providerKeys()
  return {
    config: config.hash,
    planOf: (tenant) => plans.rulesFor(tenant, world.now()),
    resolve: resolving(catalog, world.switches),
    at: (name) => catalog.at(name),
    candidates: () => catalog.candidates(),
    rank,
    narrowed: narrowings(),
    walk: (tenant, provider) => keys.walk(tenant, provider),
    trouble: (provider, { fields }) =>
      switchedOff(world.switches.disabled(provider.id)) ?? unreachable(provider, fields?.endpoint, config.settings.tenantEndpoints),
    ailing: (offer) => world.health.trouble(offer),
    keyLimits: (key, by) => limits.checkKey(key, by),
    limits: ({ caller, plan, ask }) => limits.check(caller, plan, ask),
    meters: (asked) => limits.checkMeters(asked),
  }
}

/** A redirect holds for its own name, and for every name that leads to that one model alone; it is followed once. */
function resolving(catalog: Catalog, switches: Switches): Snapshot['resolve'] {
  return (model) => {
    const plain = catalog.resolve(model)
    if (!switches.redirecting) return plain
    const [first, ...others] = plain.candidates
    const id = others.every(({ names }) => names.id === first?.names.id) ? first?.names.id : undefined
    const incident = switches.redirected(model) ?? (id === undefined ? undefined : switches.redirected(id))
    if (incident?.to === undefined) return plain
    const { subject, to, until, reason } = incident
    return { ...catalog.resolve(to), redirected: { from: subject, to, until, reason } }
  }
}

function switchedOff(incident: Incident | undefined): ReturnType<Snapshot['trouble']> {
  return incident && { code: 'provider_disabled', until: incident.until, reason: incident.reason }
}

/** A tenant's own endpoint counts only for providers the operator lists: what a tenant stores must not choose a host by itself. */
function unreachable(provider: Provider, endpoint: string | undefined, allowed: readonly string[]): ReturnType<Snapshot['trouble']> {
  if (endpoint !== undefined && !allowed.includes(provider.id)) {
    return {
      code: 'provider_unavailable',
      reason: `the stored key names its own endpoint, and tenant_endpoints in gateway.yaml does not list ${provider.id}`,
    }
  }
  if (provider.baseUrl !== undefined || provider.builtin || endpoint !== undefined) return undefined
  return { code: 'provider_unavailable', reason: `${provider.name} has no address; give it a base_url in providers.yaml` }
}

function narrowings(): Snapshot['narrowed'] {
  const known = new WeakMap<GatewayKey, { is: ReturnType<typeof compileNarrowing> }>()
  return (key) => {
    if (!key.models && !key.endpoints) return undefined
    let narrowing = known.get(key)
    if (!narrowing) known.set(key, (narrowing = { is: compileNarrowing(key) }))
    return narrowing.is
  }
}

export const newInstance = (): string => randomBytes(9).toString('base64url')
