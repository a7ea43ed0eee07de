import type { Usage } from './dialect.ts'

/**
 * What a stream told of its usage so far. Counts are cumulative wherever they are repeated, so a later one replaces an earlier one, and
 * what the later does not tell stays.
 */
export function mergeUsage(earlier: Usage | undefined, later: Usage | undefined): Usage | undefined {
  if (earlier === undefined || later === undefined) return later ?? earlier
  const told = Object.fromEntries(Object.entries(later).filter(([, value]) => value !== undefined))
  return { ...earlier, ...told, raw: mergeRaw(earlier.raw, later.raw) }
}

function mergeRaw(earlier: unknown, later: unknown): unknown {
  const both = typeof earlier === 'object' && earlier !== null && typeof later === 'object' && later !== null
  return both ? { ...earlier, ...later } : (later ?? earlier)
}
