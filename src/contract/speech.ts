import type { DialectId } from './dialect.ts'
import type { Provider, Speech } from './provider.ts'

const known = new WeakMap<Provider, Map<DialectId, Provider>>()

/** The provider as it is spoken to by a client of this dialect: in the same one where it speaks it, else in its first. */
export function speaking(provider: Provider, client: DialectId): Provider {
  if (provider.also.length === 0 || provider.dialect.id === client) return provider
  const speeches = known.get(provider) ?? new Map(provider.also.map((speech) => [speech.dialect.id, spoken(provider, speech)]))
  if (!known.has(provider)) known.set(provider, speeches)
  return speeches.get(client) ?? provider
}

function spoken(provider: Provider, { dialect, basePath, ...rest }: Speech): Provider {
  const at = (url: string) => (basePath === undefined ? url : new URL(url).origin + basePath)
  return {
    ...provider,
    ...rest,
    dialect,
    ...(provider.baseUrl !== undefined && { baseUrl: at(provider.baseUrl) }),
    ...(provider.regions && { regions: Object.fromEntries(Object.entries(provider.regions).map(([name, url]) => [name, at(url)])) }),
  }
}
