import type { ModelNames, Tier } from '../contract/catalog.ts'
import { compileGlob } from '../wire/glob.ts'

/** Names and globs made ready for judging. Case counts; `!` takes away, wherever it stands in the list. */
export interface PatternList {
  lists(name: string | undefined): boolean
  excludes(name: string | undefined): boolean
}

export function compilePatterns(patterns: readonly string[]): PatternList {
  return {
    lists: compileSide(patterns.filter((pattern) => !pattern.startsWith('!'))),
    excludes: compileSide(patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1))),
  }
}

/** A list of plain names, such as endpoints or provider ids. */
export function compileNames(patterns: readonly string[]): (name: string) => boolean {
  const { lists, excludes } = compilePatterns(patterns)
  return (name) => lists(name) && !excludes(name)
}

/** A list of tiers, catalogue ids and `provider/wire-model`, exact or by glob. A tier's word is a tier only; globs never match tiers. */
export function compileModels(patterns: readonly string[]): (names: ModelNames) => boolean {
  const tiers = compilePatterns(patterns.filter(isTier))
  const names = compilePatterns(patterns.filter((pattern) => !isTier(pattern)))
  return ({ tier, id, qualified }) =>
    (tiers.lists(tier) || names.lists(id) || names.lists(qualified)) &&
    !(tiers.excludes(tier) || names.excludes(id) || names.excludes(qualified))
}

// A record, so that a tier added to the contract must be added here.
const TIERS: Readonly<Record<Tier, true>> = { economy: true, standard: true, premium: true, frontier: true }

function isTier(pattern: string): boolean {
  return Object.hasOwn(TIERS, pattern.replace(/^!/, ''))
}

function compileSide(patterns: readonly string[]): (name: string | undefined) => boolean {
  if (patterns.includes('*')) return (name) => name !== undefined
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')))
  const globs = patterns.filter((pattern) => pattern.includes('*')).map(compileGlob)
  if (globs.length === 0) return (name) => name !== undefined && exact.has(name)
  const matches = remembered((name) => globs.some((glob) => glob(name)))
  return (name) => name !== undefined && (exact.has(name) || matches(name))
}

/** Names come from requests, so what is remembered of them is bounded. */
const REMEMBERED = 2_000

function remembered(matches: (name: string) => boolean): (name: string) => boolean {
  const known = new Map<string, boolean>()
  return (name) => {
    const before = known.get(name)
    if (before !== undefined) return before
    if (known.size >= REMEMBERED) known.clear()
    const result = matches(name)
    known.set(name, result)
    return result
  }
}
