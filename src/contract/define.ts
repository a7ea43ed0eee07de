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
  // Codes where vendors have them, else how their sentences begin: many servers have taken over the words of one vendor or another.
  tooLong: [
    { code: 'context_length_exceeded' },
    ...[
      "This model's maximum context length is",
      "This model's maximum prompt length is",
      'Your input exceeds the context window',
      'prompt is too long',
      'Input is too long for requested model',
      'The input token count',
    ].map((message) => ({ status: 400, message })),
  ],
  refuses: ['content_filter', 'content_policy_violation', 'moderation_blocked', 'data_inspection_failed'].map((code) => ({ code })),
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
