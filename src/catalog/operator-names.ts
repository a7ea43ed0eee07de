import type { Leg, OperatorModels, OperatorRoute, Resolution } from '../contract/catalog.ts'
import type { TraitNames } from '../contract/route.ts'

/**
 * The operator's aliases and routes, followed to what they offer: a target may be a reserved name, another alias or route, or any
 * model name. Throws Error for a name that is reserved, given twice, or leads back to itself.
 */
export function operatorNames(
  operator: OperatorModels | undefined,
  reserved: ReadonlyMap<string, Resolution>,
  named: (name: string) => Resolution,
): ReadonlyMap<string, Resolution> {
  const { aliases = {}, routes = {} } = operator ?? {}
  const names = [...Object.keys(aliases), ...Object.keys(routes)]
  for (const name of names)
    refuse(name, { reserved: reserved.has(name), twice: Object.hasOwn(aliases, name) && Object.hasOwn(routes, name) })
  const follow = (name: string, path: readonly string[]): Resolution => {
    if (path.includes(name)) throw new Error(`models.yaml: ${[...path, name].join(' -> ')} leads back to itself; name a model instead.`)
    const on = (target: string): Resolution => follow(target, [...path, name])
    const [alias, route] = [own(aliases, name), own(routes, name)]
    if (alias !== undefined) return { ...on(alias), route: name }
    if (route) return routed(name, route, on)
    return reserved.get(name) ?? named(name)
  }
  return new Map(names.map((name) => [name, follow(name, [])]))
}

const own = <Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined

function refuse(name: string, { reserved, twice }: { reserved: boolean; twice: boolean }): void {
  if (reserved) throw new Error(`models.yaml: ${name} is a reserved name and would never be reached; choose another.`)
  if (twice) throw new Error(`models.yaml: ${name} is both an alias and a route; keep one of them.`)
}

function routed(name: string, route: OperatorRoute, follow: (target: string) => Resolution): Resolution {
  const legs = route.candidates.map(
    ({ model, weight, when, writtenAt }): Leg => ({
      ...{ name: model, rule: writtenAt, to: exchangeable(follow(model), route.candidates.length > 1) },
      ...(weight !== undefined && { weight }),
      ...(when && { when }),
    }),
  )
  const parts = legs.map(({ to }) => to)
  const candidates = parts.flatMap((part) => part.candidates)
  const { deprecated, warning } = parts.find((part) => part.deprecated ?? part.warning) ?? {}
  const similar = candidates.length > 0 ? undefined : parts.flatMap((part) => part.similar ?? [])
  return {
    ...{ candidates, route: name, ...(deprecated && { deprecated }), ...(warning && { warning }), ...(similar && { similar }) },
    ...(route.rank && { rank: route.rank }),
    ...(route.cache !== undefined && { cache: route.cache }),
    ...(isPlain(route, legs) ? {} : { legs, sticky: route.sticky === true, reads: readBy(route, legs) }),
  }
}

/** However a route names its candidates, they stand for each other: only a caller who names a provider insists on it. */
function exchangeable(part: Resolution, several: boolean): Resolution {
  if (!several || !part.candidates.some(({ explicit }) => explicit)) return part
  return { ...part, candidates: part.candidates.map((candidate) => ({ ...candidate, explicit: false })) }
}

/** The same for every request, so that its candidates need no further look. */
function isPlain({ sticky, rank }: OperatorRoute, legs: readonly Leg[]): boolean {
  if (sticky || legs.some(({ weight, when }) => weight !== undefined || when)) return false
  return rank !== undefined || !legs.some(({ to }) => to.rank ?? to.legs)
}

function readBy({ sticky, candidates }: OperatorRoute, legs: readonly Leg[]): TraitNames {
  const below = legs.flatMap(({ to }) => to.reads ?? [])
  const names = (of: 'headers' | 'metadata') => [
    ...new Set([...candidates.flatMap(({ when }) => Object.keys(when?.[of] ?? {})), ...below.flatMap((reads) => reads[of])]),
  ]
  return { headers: names('headers'), metadata: names('metadata'), session: sticky === true || below.some(({ session }) => session) }
}
