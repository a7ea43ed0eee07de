import type { GatewayKey, Tenant } from '../contract/caller.ts'
import type { Narrowing } from '../contract/decision.ts'
import type { PlanId } from '../contract/ids.ts'
import { layOver, type Overrides, type Plan, type PlanKey, type PlanRules, type PlanSource } from '../contract/plan.ts'
import { compileMeters, tellsApart } from './meter-rules.ts'
import { compileModels, compileNames } from './pattern-list.ts'

/** All plans of one configuration, made ready for judging. */
export interface PlanBook {
  /** A tenant's plan with its overrides laid over it while they last; undefined where no file defines its plan. `now` in milliseconds. */
  rulesFor(tenant: Tenant, now: number): PlanRules | undefined
  /** By id or former id. */
  plan(id: string): PlanRules | undefined
  canonical(id: string): { readonly id: PlanId; readonly legacy: boolean } | undefined
  all(): readonly PlanRules[]
}

export function compilePlans(plans: readonly PlanSource[]): PlanBook {
  const sources = new Map(plans.flatMap((plan) => [plan.id, ...plan.was].map((id) => [id, plan] as const)))
  const compiled = new Map(plans.map((plan) => [plan, compileRules(plan, (key) => plan.writtenAt[key])]))
  const plan = (id: string): PlanRules | undefined => {
    const source = sources.get(id)
    return source && compiled.get(source)
  }
  const remembered = new WeakMap<Tenant, Remembered>()
  return {
    plan,
    canonical(id) {
      const source = sources.get(id)
      return source && { id: source.id, legacy: source.id !== id }
    },
    all: () => [...compiled.values()],
    rulesFor(tenant, now) {
      let known = remembered.get(tenant)
      if (!known) remembered.set(tenant, (known = remember(tenant, sources.get(tenant.plan), plan(tenant.plan))))
      return now < known.until ? known.overridden : known.plain
    },
  }
}

/** What the gateway key itself narrows; undefined where it narrows nothing. */
export function compileNarrowing(key: GatewayKey): Narrowing | undefined {
  if (!key.models && !key.endpoints) return undefined
  return { allowsModel: compileModels(key.models ?? ['*']), allowsEndpoint: compileNames(key.endpoints ?? ['*']) }
}

interface Remembered {
  readonly plain: PlanRules | undefined
  readonly overridden: PlanRules | undefined
  /** When the overrides expire, in milliseconds. */
  readonly until: number
}

function remember(tenant: Tenant, source: PlanSource | undefined, plain: PlanRules | undefined): Remembered {
  const { overrides } = tenant
  if (!source || !overrides) return { plain, overridden: plain, until: 0 }
  const until = overrides.expires_at === undefined ? Number.POSITIVE_INFINITY : Date.parse(overrides.expires_at)
  return {
    plain,
    overridden: {
      ...compileRules(layOver(source, overrides.values), ruleOf(tenant, source, overrides)),
      prices: pricesOf(tenant, overrides),
    },
    until,
  }
}

/** The books tell by the snapshot's id whose price a row was priced with. */
function pricesOf({ slug }: Tenant, { prices }: Overrides): PlanRules['prices'] {
  return prices && new Map(Object.entries(prices).map(([name, { pico }]) => [name, { ...pico, snapshot: `override of tenant ${slug}` }]))
}

function ruleOf(tenant: Tenant, source: PlanSource, overrides: Overrides): (key: PlanKey) => string {
  return (key) => (overrides.values[key] === undefined ? source.writtenAt[key] : `override of tenant ${tenant.slug}: ${key}`)
}

function compileRules(plan: Plan, rule: (key: PlanKey) => string): PlanRules {
  const listsOwnKey = compileNames(plan.byok.providers)
  const metering = compileMeters(plan)
  return {
    ...plan,
    rule,
    metering,
    tellsApart: metering.some(tellsApart),
    allowsModel: compileModels(plan.models),
    allowsEndpoint: compileNames(plan.endpoints),
    allowsProvider: compileNames(plan.providers),
    allowsOwnKeyFor: (provider) => plan.byok.allowed && listsOwnKey(provider),
  }
}
