import type { Candidate, Leg, Resolution } from '../contract/catalog.ts'
import type { RouteCondition } from '../contract/route.ts'
import { drawn } from '../wire/rendezvous.ts'
import type { Bench } from './bench.ts'

/** Candidates that stand together: ranked for the request, or as they are given. */
export type Stretch = Pick<Resolution, 'candidates' | 'rank'>

/** What a name stands for, in the order of this request; of a route's candidates those that are meant for others are rejected. */
export function arrange(resolution: Resolution, bench: Bench): readonly Stretch[] {
  const { legs, rank } = resolution
  if (!legs) return [resolution]
  const met = legs.filter((leg) => isMeant(leg, bench))
  if (rank) return [{ candidates: union(resolution, met), rank }]
  return ordered(met, resolution, bench).flatMap((leg) => arrange(leg.to, bench))
}

/** Drawn by weight where weights are given, a session drawing the same each time; else as written. */
function ordered(legs: readonly Leg[], { sticky }: Resolution, { ask: { traits } }: Bench): readonly Leg[] {
  const weighed = legs.some(({ weight }) => weight !== undefined)
  if (!weighed && !sticky) return legs
  const draws = legs.map((leg) => ({ leg, weight: leg.weight ?? (weighed ? 0 : 1) }))
  const seed = (sticky ? traits?.session : undefined) ?? traits?.seed
  // Without a request there is nothing to draw by: the likeliest order is told.
  const order = seed === undefined ? draws.sort((a, b) => b.weight - a.weight) : drawn(draws, ({ leg }) => leg.name, seed)
  return order.map(({ leg }) => leg)
}

/** The same list for the same legs, since a list is laid out once for ranking. */
function union(resolution: Resolution, met: readonly Leg[]): readonly Candidate[] {
  if (met.length === resolution.legs?.length) return resolution.candidates
  const known = unions.get(resolution) ?? new Map<string, readonly Candidate[]>()
  unions.set(resolution, known)
  const key = met.map(({ rule }) => rule).join()
  const candidates = known.get(key) ?? met.flatMap(({ to }) => to.candidates)
  known.set(key, candidates)
  return candidates
}

const unions = new WeakMap<Resolution, Map<string, readonly Candidate[]>>()

function isMeant({ when, to, rule }: Leg, bench: Bench): boolean {
  const unmet = when && unmetBy(when, bench)
  if (!unmet) return true
  for (const candidate of to.candidates)
    bench.rejected.push({ candidate, payer: 'none', stage: 'model', code: 'route_condition_unmet', rule, detail: { unmet } })
  return false
}

/** The first condition that does not hold, in words: `plan team or pro`. */
function unmetBy(when: RouteCondition, { caller: { tenant }, plan, ask }: Bench): string | undefined {
  const { tenants, plans, headers = {}, metadata = {}, inputTokens } = when
  if (tenants && !tenants.includes(tenant.slug) && !tenants.includes(tenant.id)) return `tenant ${tenants.join(' or ')}`
  if (plans && ![plan.id, ...plan.was].some((id) => plans.includes(id))) return `plan ${plans.join(' or ')}`
  const header = missing(headers, ask.traits?.headers)
  if (header !== undefined) return `header ${header}`
  const field = missing(metadata, ask.traits?.metadata)
  if (field !== undefined) return `metadata ${field}`
  const { from = 0, below = Number.POSITIVE_INFINITY } = inputTokens ?? {}
  if (ask.inputTokens < from) return `a prompt of ${from} tokens or more`
  return ask.inputTokens >= below ? `a prompt of less than ${below} tokens` : undefined
}

function missing(wanted: Readonly<Record<string, readonly string[]>>, given: Readonly<Record<string, string>> = {}): string | undefined {
  const [odd] = Object.entries(wanted).filter(([name, values]) => !values.includes(given[name] ?? ''))
  return odd && `${odd[0]}: ${odd[1].join(' or ')}`
}
