import { dollarsOf } from '../contract/money.ts'
import { canonical, type LoadedConfig } from './load.ts'

/** One thing that a change of configuration would do. */
export interface ConfigChange {
  /** `plans.team.models`. */
  readonly path: string
  /** `plan team: models + premium`. */
  readonly sentence: string
}

/** What `b` would change over `a`, in words; nothing where they are the same. */
export function diffConfig(a: LoadedConfig, b: LoadedConfig): ConfigChange[] {
  return differences(canonical(a), canonical(b), []).map(({ path, words }) => ({ path: path.join('.'), sentence: sentence(path, words) }))
}

interface Difference {
  readonly path: readonly string[]
  readonly words: string
}

function differences(a: unknown, b: unknown, path: readonly string[]): Difference[] {
  if (isBranch(a) && isBranch(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort()
    return keys.flatMap((key) => differences(a[key], b[key], [...path, key]))
  }
  if (JSON.stringify(a) === JSON.stringify(b)) return []
  if (a === undefined && isBranch(b)) return [{ path, words: 'added' }]
  if (b === undefined && isBranch(a)) return [{ path, words: 'removed' }]
  return [{ path, words: Array.isArray(a) && Array.isArray(b) ? listWords(a, b) : `${show(a)} -> ${show(b)}` }]
}

/** What is compared key by key; a budget reads better whole, and secrets are never looked into. */
function isBranch(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('nano' in value) && !('toJSON' in value)
}

function listWords(a: readonly unknown[], b: readonly unknown[]): string {
  const added = b.map(show).filter((item) => !a.map(show).includes(item))
  const removed = a.map(show).filter((item) => !b.map(show).includes(item))
  if (added.length + removed.length === 0) return `${show(a)} -> ${show(b)}`
  return [...added.map((item) => `+ ${item}`), ...removed.map((item) => `- ${item}`)].join(', ')
}

function show(value: unknown): string {
  if (value === undefined) return 'not set'
  if (value === null) return 'none'
  if (typeof value === 'string') return value
  if (isBudget(value)) return `${dollarsOf(value.nano)} USD per ${value.per}`
  return isCandidate(value) ? showCandidate(value) : JSON.stringify(value)
}

/** One of a route. */
function isCandidate(value: unknown): value is { model: string; weight?: number; when?: object } {
  return typeof value === 'object' && value !== null && 'model' in value
}

function showCandidate({ model, weight, when }: { model: string; weight?: number; when?: object }): string {
  return `${model}${weight === undefined ? '' : ` with weight ${weight}`}${when ? ` when ${JSON.stringify(when)}` : ''}`
}

function isBudget(value: unknown): value is { nano: number; per: string } {
  return typeof value === 'object' && value !== null && 'nano' in value
}

/** `plans.team.limits.rpm` reads `plan team: limits.rpm`, `settings.port` reads `port`. */
function sentence(path: readonly string[], words: string): string {
  const [part = '', ...rest] = path[0] === 'models' ? path.slice(1) : path
  if (part === 'settings') return `${rest.map(asWritten).join('.')}: ${words}`
  const [name, ...inner] = rest
  const key = inner.length > 0 ? `${inner.join('.')} ` : ''
  return `${NOUNS[part] ?? part} ${name}: ${key}${words}`
}

/** Code says `drainTimeout` where `gateway.yaml` says `drain_timeout`. */
function asWritten(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

const NOUNS: Readonly<Record<string, string>> = { plans: 'plan', providers: 'provider', aliases: 'alias', routes: 'route', models: 'model' }
