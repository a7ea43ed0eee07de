import type { Catalog, Leg } from '../../contract/catalog.ts'
import type { PlanRules } from '../../contract/plan.ts'
import type { PlanBook } from '../../policy/plans.ts'
import type { Check, Finding, Host } from './finding.ts'

/** What a route's candidate is held against. */
export interface Surroundings {
  readonly catalog: Pick<Catalog, 'resolve'>
  readonly plans: PlanBook
  readonly routes: Host['models']['routes']
  /** By slug or id; absent where nobody looked at the tenants. */
  readonly isTenant?: (name: string) => boolean
}

/** A candidate of a route that no request can ever come to. */
export interface DeadCandidate {
  readonly route: string
  readonly because: string
  /** `models.yaml:9 routes.chat.candidates[1]` */
  readonly rule: string
  /** None of the route's candidates lives. */
  readonly whole: boolean
}

export function deadCandidates(around: Surroundings): DeadCandidate[] {
  return Object.entries(around.routes).flatMap(([route, { candidates }]) => {
    const dead = candidates.flatMap(({ model, when, writtenAt: rule }) => {
      const because = whyDead({ name: model, to: around.catalog.resolve(model), ...(when && { when }), rule }, around)
      return because === undefined ? [] : [{ route, because, rule }]
    })
    return dead.map((one) => ({ ...one, whole: dead.length === candidates.length }))
  })
}

function whyDead({ name, to, when = {} }: Leg, { plans, isTenant }: Surroundings): string | undefined {
  if (to.candidates.length === 0) return `${name} is no model`
  if (when.plans && !when.plans.some((id) => plans.canonical(id))) return `no plan is called ${when.plans.join(' or ')}`
  if (isTenant && when.tenants && !when.tenants.some(isTenant)) return `no tenant is called ${when.tenants.join(' or ')}`
  const meant = when.plans ? when.plans.flatMap((id) => plans.plan(id) ?? []) : plans.all()
  if (meant.some((plan) => admits(plan, to))) return undefined
  return `no plan ${when.plans ? 'that it is for ' : ''}lets ${name} through`
}

function admits(plan: PlanRules, { candidates }: Leg['to']): boolean {
  const ownKeys = plan.byok.allowed && plan.byok.models === 'any'
  return candidates.some(({ names, provider }) => plan.allowsProvider(provider.id) && (ownKeys || plan.allowsModel(names)))
}

/** Candidates that are there and mean nothing, as a plan was renamed or a tenant has gone. */
export const deadRoutes: Check = ({ catalog, plans, directory, host: { models } }) => {
  const names = new Set<string>(directory.tenants().flatMap(({ id, slug }) => [id, slug]))
  const around = { catalog, plans, routes: models.routes, isTenant: (name: string) => names.has(name) }
  return deadCandidates(around).map(
    ({ route, because, rule, whole }): Finding => ({
      level: 'warn',
      code: 'route_never_matches',
      subject: route,
      sentence: `${whole ? `No request can come through route ${route}` : `A candidate of route ${route} is never asked`}: ${because} (${rule}).`,
      fix: 'Change the condition or the model, or take the candidate out.',
    }),
  )
}
