import type { Provider } from '../contract/provider.ts'
import type { Quirks } from '../contract/quirks.ts'
import { compileGlobs } from '../wire/glob.ts'

/** The provider as it is to be spoken to about one of its models. */
export function forModel(provider: Provider, wireModel: string): Provider {
  const rows = rowsOf(provider).filter(({ matches }) => matches(wireModel))
  return rows.length === 0 ? provider : { ...provider, quirks: Object.assign({}, provider.quirks, ...rows.map(({ quirks }) => quirks)) }
}

interface Row {
  readonly matches: (wireModel: string) => boolean
  readonly quirks: Quirks
}

const compiled = new WeakMap<Provider, readonly Row[]>()

function rowsOf(provider: Provider): readonly Row[] {
  const rows = compiled.get(provider) ?? provider.modelQuirks.map(({ models, quirks }) => ({ matches: compileGlobs(models), quirks }))
  compiled.set(provider, rows)
  return rows
}
