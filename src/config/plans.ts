import { z } from 'zod'
import { planId } from '../contract/ids.ts'
import { layOver, type Plan, type PlanChange, type PlanKey, type PlanSource } from '../contract/plan.ts'
import { type Checked, check, checked, problem, valueAt } from './check.ts'
import { didYouMean } from './closest.ts'
import { planEntry, planName } from './plan-schema.ts'
import type { ConfigProblem } from './problems.ts'
import type { Source } from './yaml.ts'

/** Every plan of `plans.yaml`, complete, or all that is wrong with them. */
export function readPlans(file: Source): Checked<PlanSource[]> {
  const outer = check(z.strictObject({ plans: z.record(planName, z.unknown()) }), file)
  if (!outer.value) return outer
  const book: Book = { file, entries: new Map(), problems: [] }
  for (const id of Object.keys(outer.value.plans)) {
    const entry = check(planEntry, file, ['plans', id])
    book.entries.set(id, entry.value)
    book.problems.push(...entry.problems)
  }
  refuseDoubleNames(book)
  const plans = [...book.entries.keys()].flatMap((id) => resolve(book, id) ?? [])
  return checked(plans, book.problems)
}

type Entry = z.infer<typeof planEntry>
type PlanValues = Omit<Plan, 'id' | 'was'>

interface Book {
  readonly file: Source
  /** By id; undefined for one whose own keys are wrong already. */
  readonly entries: Map<string, Entry | undefined>
  readonly problems: ConfigProblem[]
}

/** What is a plan's own and what it inherits, laid over each other; undefined where something is wrong, which is then noted. */
function resolve(book: Book, id: string): PlanSource | undefined {
  const lineage = lineageOf(book, id)
  if (!lineage) return undefined
  let values: PlanChange = DEFAULTS
  const origin = new Map<PlanKey, string>()
  for (const layer of lineage) {
    const { extends: _base, was: _former, ...own } = book.entries.get(layer) ?? {}
    values = layOver(values, own)
    // A checked layer has no other keys.
    for (const key of Object.keys(own) as PlanKey[]) origin.set(key, layer)
  }
  if (!isComplete(values)) {
    book.problems.push(...missingKeys(values).map((key) => problem(book.file, ['plans', id], forgotten(id, key))))
    return undefined
  }
  return { id: planId(id), was: book.entries.get(id)?.was ?? [], ...values, writtenAt: writtenAt(book.file, id, origin) }
}

/** The plan and all it extends, the farthest first. What is wrong is told once, of the plan where it is written. */
function lineageOf(book: Book, id: string, below: readonly string[] = []): string[] | undefined {
  if (below.includes(id))
    return id === below[0] ? refuse(book, id, `Plan ${[...below, id].join(' extends ')}: break the circle.`) : undefined
  const entry = book.entries.get(id)
  if (entry?.extends === undefined) return entry && [id]
  if (!book.entries.has(entry.extends)) {
    const meant = didYouMean(entry.extends, [...book.entries.keys()])
    return below.length > 0 ? undefined : refuse(book, id, `No plan is called "${entry.extends}"${meant || '.'}`)
  }
  const base = lineageOf(book, entry.extends, [...below, id])
  return base && [...base, id]
}

function refuse(book: Book, id: string, message: string): undefined {
  book.problems.push(problem(book.file, ['plans', id, 'extends'], message))
}

/** Keys that files written before them need not give: each means what those files meant. */
const DEFAULTS = { passthrough: 'own_keys', plan_limits: null, cache: null } as const satisfies PlanChange

const REQUIRED = [
  ...['models', 'endpoints', 'providers', 'byok.allowed', 'byok.models', 'byok.providers', 'platform_keys'],
  ...['limits.rpm', 'limits.tpm', 'limits.concurrency', 'budget', 'meters', 'unpriced', 'failover.other_provider', 'fallback'],
  ...['expose', 'enforcement', 'priority', 'on_revoke'],
]

function missingKeys(values: PlanChange): string[] {
  return REQUIRED.filter((path) => valueAt(values, path.split('.')) === undefined)
}

function isComplete(values: PlanChange): values is PlanValues {
  return missingKeys(values).length === 0
}

function forgotten(id: string, key: string): string {
  const unlimited = key === 'budget' || key.startsWith('limits.') ? ', none for unlimited' : ''
  return `Plan ${id} does not give ${key}, nor does a plan it extends: write it here${unlimited}.`
}

function writtenAt(file: Source, id: string, origin: ReadonlyMap<PlanKey, string>): Record<PlanKey, string> {
  const places = [...origin].map(([key, layer]) => {
    const inherited = layer === id ? '' : ` (from ${layer})`
    return [key, `${file.name}:${file.lineOf(['plans', layer, key])} ${id}.${key}${inherited}`] as const
  })
  const silent = Object.keys(DEFAULTS).map((key) => [key, `${file.name} ${id}.${key} (not given)`])
  // A complete plan has an origin for each of its other keys.
  return Object.fromEntries([...silent, ...places]) as Record<PlanKey, string>
}

/** A tenant's plan must mean one plan: an id or former id given twice is refused at its second place. */
function refuseDoubleNames({ file, entries, problems }: Book): void {
  const owners = new Map([...entries.keys()].map((id) => [id, id]))
  for (const [id, entry] of entries) {
    for (const [index, former] of (entry?.was ?? []).entries()) {
      const owner = owners.get(former)
      if (owner !== undefined)
        problems.push(problem(file, ['plans', id, 'was', index], `"${former}" already means plan ${owner}: let one plan have it.`))
      owners.set(former, id)
    }
  }
}
