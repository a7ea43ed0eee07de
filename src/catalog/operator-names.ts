import type { OperatorModels, Resolution } from '../contract/catalog.ts'

/**
 * The operator's aliases and routes, followed to what they offer: a target may be a reserved name, another alias or route, or any
 * model name. Throws Error for a name that is reserved, given twice, or leads back to itself.
 */
export function operatorNames(
  operator: OperatorModels | undefined,
  reserved: ReadonlyMap<string, Resolution>,
  named: (name: string) => Resolution,
): ReadonlyMap<string, Resolution> {
  const targets = targetsOf(operator, reserved)
  const follow = (name: string, path: readonly string[]): Resolution => {
    if (path.includes(name)) throw new Error(`models.yaml: ${[...path, name].join(' -> ')} leads back to itself; name a model instead.`)
    const next = targets.get(name)
    if (!next) return reserved.get(name) ?? named(name)
    return merged(
      name,
      next.map((target) => follow(target, [...path, name])),
    )
  }
  return new Map([...targets.keys()].map((name) => [name, follow(name, [])]))
}

function targetsOf(operator: OperatorModels | undefined, reserved: ReadonlyMap<string, Resolution>): Map<string, readonly string[]> {
  const given = [
    ...Object.entries(operator?.aliases ?? {}).map(([name, target]) => [name, [target]] as const),
    ...Object.entries(operator?.routes ?? {}).map(([name, { candidates }]) => [name, candidates] as const),
  ]
  const targets = new Map<string, readonly string[]>()
  for (const [name, next] of given) {
    if (reserved.has(name)) throw new Error(`models.yaml: ${name} is a reserved name and would never be reached; choose another.`)
    if (targets.has(name)) throw new Error(`models.yaml: ${name} is both an alias and a route; keep one of them.`)
    targets.set(name, next)
  }
  return targets
}

function merged(route: string, parts: readonly Resolution[]): Resolution {
  const listed = parts.flatMap((part) => part.candidates)
  // However a route names its candidates, they stand for each other: only a caller who names a provider insists on it.
  const candidates = parts.length > 1 ? listed.map((candidate) => ({ ...candidate, explicit: false })) : listed
  const { deprecated, warning } = parts.find((part) => part.deprecated ?? part.warning) ?? {}
  const rank = parts.length === 1 ? parts[0]?.rank : undefined
  const similar = candidates.length > 0 ? undefined : parts.flatMap((part) => part.similar ?? [])
  return {
    candidates,
    route,
    ...(rank && { rank }),
    ...(deprecated && { deprecated }),
    ...(warning && { warning }),
    ...(similar && { similar }),
  }
}
