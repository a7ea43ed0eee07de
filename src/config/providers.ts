import { z } from 'zod'
import type { ProviderData } from '../contract/define.ts'
import type { DialectId } from '../contract/dialect.ts'
import type { Speech } from '../contract/provider.ts'
import { camelKeys } from './camel.ts'
import { type Checked, check, checked, problem } from './check.ts'
import { baseUrl, deadlines, environmentName } from './gateway.ts'
import type { ConfigProblem } from './problems.ts'
import { modelQuirks, quirks } from './quirks.ts'
import { ENDPOINTS } from './vocabulary.ts'
import type { Source } from './yaml.ts'

/**
 * One entry of `providers.yaml`. With a dialect it is a provider of the operator's own; without, it adds to the shipped provider of that
 * id: lists are added to, everything else is replaced.
 */
export type OperatorProvider = Partial<Omit<ProviderData, 'id' | 'dialect' | 'also' | 'basePath' | 'builtin'>> & {
  readonly id: string
  readonly dialect?: DialectId
  readonly also?: readonly OperatorSpeech[]
}

export type OperatorSpeech = Omit<Speech, 'dialect'> & { readonly dialect: DialectId }

/** `providers.yaml`, every entry checked by itself. */
export function readProviders(file: Source): Checked<OperatorProvider[]> {
  const { value, problems } = check(providersFile, file)
  if (!value) return { value, problems }
  return checked(value.providers, twice(file, value.providers))
}

const text = z.string().min(1)
const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'Use lower-case letters, digits, dots, dashes and underscores for the id of a provider.')

/** A header here goes out with every request in clear: what carries a credential or frames the message is not the operator's to set. */
const FORBIDDEN_HEADERS: ReadonlySet<string> = new Set([
  ...['authorization', 'proxy-authorization', 'x-api-key', 'api-key', 'x-goog-api-key', 'cookie'],
  ...['host', 'connection', 'content-length', 'transfer-encoding'],
])
const headerName = z.string().refine((name) => /^[a-z0-9-]+$/.test(name) && !FORBIDDEN_HEADERS.has(name), {
  error:
    'Give a header in lower case that carries no credential and does not frame the message: keys come from the environment or a tenant.',
})

const auth = z.strictObject({ header: text, prefix: z.string() })
const headers = z.record(headerName, z.string())

/** The host stays the provider's. */
const basePath = z
  .string()
  .regex(/^(?:\.\.\/)*[\w-][\w.-]*(?:\/[\w.-]+)*$/, 'Give a path from the base URL to where this dialect is spoken, such as ../anthropic.')

const speech = z
  .strictObject({ base_path: basePath, auth, headers, quirks, model_quirks: modelQuirks, only_when_asked: z.boolean() })
  .partial()
  .extend({ dialect: text })
  .transform(camelKeys)

const entry = z
  .strictObject({
    name: text,
    base_url: baseUrl,
    regions: z.record(text, baseUrl),
    dialect: text,
    also: z.array(speech),
    auth,
    api_key_env: environmentName,
    env_aliases: z.array(environmentName),
    legacy_ids: z.array(text),
    credential: z.enum(['key', 'none']),
    vendor: text,
    endpoints: z.array(z.enum(ENDPOINTS)),
    headers,
    quirks,
    model_quirks: modelQuirks,
    key_prefixes: z.array(text),
    probe_path: z.string().startsWith('/', 'Give a path below the base URL, such as /models.'),
    bad_key: z.array(z.strictObject({ status: z.int().min(400).max(599), code: text.optional(), message: text.optional() })),
    deadlines,
  })
  .partial()
  .extend({ id })
  .transform(camelKeys)

/** `providers.yaml` whole. */
export const providersFile = z.strictObject({ providers: z.array(entry).default([]) })

function twice(file: Source, entries: readonly OperatorProvider[]): ConfigProblem[] {
  const seen = new Set<string>()
  return entries.flatMap(({ id }, index) => {
    const again = seen.has(id)
    seen.add(id)
    return again ? [problem(file, ['providers', index, 'id'], `Provider ${id} has an entry above: put both into one.`)] : []
  })
}
