import { defineProvider } from '../../src/contract/define.ts'
import type { UpstreamDialect } from '../../src/contract/dialect.ts'
import type { Registry, RetiredId } from '../../src/contract/registry.ts'

const silent: UpstreamDialect = {
  id: 'silent',
  path: () => '/chat/completions',
  params: {},
  encodeRequest: (chat) => chat,
  decodeResponse: () => {
    throw new Error('The catalogue never speaks to a provider.')
  },
  decodeStream: () => ({ push: () => [], end: () => [] }),
  decodeError: () => undefined,
  readUsage: () => undefined,
  edits: { model: true, usage: true, maxTokens: true },
  ending: { isTerminal: () => false, isFinish: () => false },
}

/** A registry of providers that differ in their ids only; all a catalogue asks of one. */
export function smallRegistry(ids: readonly string[], retired: readonly RetiredId[] = []): Registry {
  const providers = ids.map((id) => defineProvider({ id, name: id, dialect: silent, apiKeyEnv: `${id}_API_KEY` }))
  const get: Registry['get'] = (id) => providers.find((provider) => provider.id === id)
  return {
    providers,
    get,
    lookup: (id) => {
      const provider = get(id)
      if (provider) return { provider, legacy: false }
      const row = retired.find((former) => former.id === id)
      return row && { provider: get(row.now ?? ''), legacy: true, retired: row }
    },
    steps: () => [],
    platformNames: () => [],
    groupOf: () => undefined,
    releasedIds: [...ids, ...retired.map(({ id }) => id)],
  }
}
