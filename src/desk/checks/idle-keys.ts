import type { Tenant } from '../../contract/caller.ts'
import type { PlanRules } from '../../contract/plan.ts'
import type { Provider } from '../../contract/provider.ts'
import { type Check, counted, type Finding, type Installation } from './finding.ts'

/** The platform's keys that no plan would spend on any model. */
export const idlePlatformKeys: Check = (installation) => {
  const set = installation.registry.providers
    .filter(({ credential }) => credential === 'key')
    .flatMap((provider) => keyOf(installation, provider))
  const byName = Map.groupBy(set, ({ name }) => name)
  return [...byName].flatMap(([name, members]): Finding[] => {
    if (members.some(({ provider }) => isSpent(installation, provider))) return []
    return [
      {
        level: 'info',
        code: 'key_never_wins',
        subject: name,
        sentence: `The platform's key ${name} never pays: no plan lets the platform serve a priced model of ${members[0]?.provider.name}.`,
        fix: 'List its models or tiers in a plan that spends platform keys, or take the key out of the environment.',
      },
    ]
  })
}

/** Tenants' own keys that their plan does not let them use, so that they pay with a key they never chose. */
export const idleTenantKeys: Check = (installation) => {
  const { directory, plans, keys, registry } = installation
  const idle = directory.tenants().flatMap((tenant) => {
    const plan = plans.plan(tenant.plan)
    if (!plan || directory.rowsOf(tenant.id).length === 0) return []
    const own = keys.list(tenant.id).flatMap(({ provider: id, status }) => (status === 'usable' ? (registry.get(id) ?? []) : []))
    return own.filter((provider) => !mayUse(plan, provider)).map((provider) => ({ tenant, plan, provider }))
  })
  const alike = Map.groupBy(idle, ({ plan, provider }) => `${plan.id} ${provider.id}`)
  return [...alike.values()].flatMap((group) =>
    group[0]
      ? [
          idleOf(
            group[0],
            group.map(({ tenant }) => tenant),
          ),
        ]
      : [],
  )
}

function idleOf({ plan, provider }: { plan: PlanRules; provider: Provider }, tenants: readonly Tenant[]): Finding {
  const slugs = tenants.map(({ slug }) => slug)
  return {
    level: 'info',
    code: 'key_never_wins',
    subject: `${plan.id} ${provider.id}`,
    sentence: `Keys for ${provider.name} are stored and never used, since plan ${plan.id} takes none of them (${plan.rule('byok')}): ${counted('tenant', slugs)}.`,
    fix: `Allow own keys for ${provider.id} in the plan (byok, providers), or let the tenants know.`,
  }
}

const mayUse = (plan: PlanRules, { id }: Provider): boolean => plan.byok.allowed && plan.allowsOwnKeyFor(id) && plan.allowsProvider(id)

function keyOf({ registry, host }: Installation, provider: Provider): { name: string; provider: Provider }[] {
  const name = registry.platformNames(provider).find((one) => host.platformKey(one) !== undefined)
  return name === undefined ? [] : [{ name, provider }]
}

/** Models that nobody lists are served, too, where a plan names them, so a plan that names the provider's own in a glob spends its key. */
function isSpent({ plans, catalog }: Installation, provider: Provider): boolean {
  const offered = catalog.candidates().filter((candidate) => candidate.provider.id === provider.id)
  return plans.all().some((plan) => {
    if (plan.platform_keys === 'never' || !plan.allowsProvider(provider.id)) return false
    const unlisted = plan.models.some((pattern) => pattern === '*' || pattern.startsWith(`${provider.id}/`))
    return unlisted || offered.some(({ names, price }) => plan.allowsModel(names) && (price !== undefined || plan.unpriced === 'allow'))
  })
}
