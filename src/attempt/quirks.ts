import type { Provider } from '../contract/provider.ts'
import type { Quirks } from '../contract/quirks.ts'
import { compileGlobs } from '../wire/glob.ts'

/** The provider as it is to be spoken to about one of its models. */
export function forModel(provider: Provider, wireModel: string): Provider {
  if (provider.modelQuirks.length === 0) return provider
  const { rows, told } = habitsOf(provider)
  const known = told.get(wireModel)
  if (known) return known
  const quirks = rows.filter(({ matches }) => matches(wireModel)).map((row) => row.quirks)
  const made = quirks.length === 0 ? provider : { ...provider, quirks: Object.assign({}, provider.quirks, ...quirks) }
  if (told.size >= MOST_TOLD) told.clear()
  told.set(wireModel, made)
  return made
}

/** Bound of memory, for names of models come from callers. */
const MOST_TOLD = 1_000

interface Habits {
  readonly rows: readonly { readonly matches: (wireModel: string) => boolean; readonly quirks: Quirks }[]
  readonly told: Map<string, Provider>
}

const compiled = new WeakMap<Provider, Habits>()

function habitsOf(provider: Provider): Habits {
  let habits = compiled.get(provider)
  if (!habits) {
    const rows = provider.modelQuirks.map(({ models, quirks }) => ({ matches: compileGlobs(models), quirks }))
    compiled.set(provider, (habits = { rows, told: new Map() }))
  }
  return habits
}
