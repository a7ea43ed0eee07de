import { providerId, settingKey } from './ids.ts'
import type { Provider } from './provider.ts'

/** A provider as it is written down: only what makes it differ from a plain OpenAI-compatible one. */
export type ProviderData = Pick<Provider, 'name' | 'dialect'> &
  Partial<Omit<Provider, 'id' | 'apiKeyEnv' | 'envAliases'>> & {
    readonly id: string
    readonly apiKeyEnv: string
    readonly envAliases?: readonly string[]
  }

const DEFAULTS = {
  auth: { header: 'authorization', prefix: 'Bearer ' },
  also: [],
  legacyIds: [],
  credential: 'key',
  endpoints: ['chat'],
  headers: {},
  quirks: {},
  modelQuirks: [],
  keyPrefixes: [],
  badKey: [{ status: 401 }],
} as const satisfies Partial<Provider>

/** The provider that the data describes. The same constructor serves the shipped files and an operator's `providers.yaml`. */
export function defineProvider(data: ProviderData): Provider {
  return {
    ...DEFAULTS,
    vendor: data.id,
    ...data,
    id: providerId(data.id),
    apiKeyEnv: settingKey(data.apiKeyEnv),
    envAliases: (data.envAliases ?? []).map(settingKey),
  }
}
