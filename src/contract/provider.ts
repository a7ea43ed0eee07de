import type { HeaderAuth } from './auth.ts'
import type { Billing } from './billing.ts'
import type { CredentialSchema } from './credential-schema.ts'
import type { UpstreamDialect } from './dialect.ts'
import type { Hub } from './family.ts'
import type { ProviderId, SettingKey } from './ids.ts'
import type { ModelQuirks, Quirks } from './quirks.ts'

/**
 * A provider is an address that speaks a dialect: data, no code. Shipped ones are files in `providers/`; an operator's own, in
 * `config/providers.yaml`, have the same shape with the dialect named by id.
 */
export interface Provider {
  readonly id: ProviderId
  /** As people call it, e.g. `Z.ai`. */
  readonly name: string
  /**
   * Scheme, host and path below which the dialect's paths are added, with `{part}` where a part of the credential belongs. Undefined:
   * self-hosted, unreachable until the operator gives one.
   */
  readonly baseUrl?: string
  /** Leads from the base URL, whoever gave it, to where this dialect's paths begin, where that is another place; see `Speech`. */
  readonly basePath?: string
  /** Base URLs of other sites of the same vendor that take other keys, chosen by the `region` field of a stored key. */
  readonly regions?: Readonly<Record<string, string>>
  readonly dialect: UpstreamDialect<Hub>
  /** The wire names of the models that answer in it; all do where absent. */
  readonly models?: RegExp
  /** Other dialects this provider speaks: a client of the same dialect has its bytes passed. */
  readonly also: readonly Speech[]
  readonly auth: HeaderAuth
  /** Where a key is not one text: its parts, the ways they prove who calls, and their names in the environment. */
  readonly credentials?: CredentialSchema
  /** The canonical setting key; providers with one `apiKeyEnv` are one key group. */
  readonly apiKeyEnv: SettingKey
  readonly envAliases: readonly SettingKey[]
  readonly legacyIds: readonly string[]
  /** `none`: a self-hosted server that asks for no key; the platform's side pays and a tenant's made-up key is not used. */
  readonly credential: 'key' | 'none'
  /** The vendor a key group belongs to; a credential never leaves its vendor. */
  readonly vendor: string
  readonly endpoints: readonly Endpoint[]
  /** Headers sent on every request, e.g. an API version. Never a secret. */
  readonly headers: Readonly<Record<string, string>>
  readonly quirks: Quirks
  readonly modelQuirks: readonly ModelQuirks[]
  /** Prefixes of this vendor's keys, e.g. `sk-ant-`, for `diagnose`: a key with another vendor's prefix is in the wrong row. */
  readonly keyPrefixes: readonly string[]
  /** A cheap call that tells whether a key is good: a path that is read with GET, e.g. `/models`. Undefined: the smallest chat call is made. */
  readonly probePath?: string
  /** What is posted there, where it is not to be read with GET. */
  readonly probeBody?: object
  /** Answers that say the key itself is bad. */
  readonly badKey: readonly ProviderWords[]
  /** Answers that say the prompt is too long for the model. */
  readonly tooLong: readonly ProviderWords[]
  /** Answers that say the model will not speak of this. */
  readonly refuses: readonly ProviderWords[]
  /** How its own accounts of what it bills are read. */
  readonly billing?: Billing
  /** Milliseconds, where this provider needs other deadlines than the gateway's. */
  readonly deadlines?: Partial<Deadlines>
  /** The built-in provider answers in process, without a socket. */
  readonly builtin?: boolean
}

/** A further dialect of a provider, and what differs where it is spoken. Quirks are departures from one dialect, so a speech has its own or none. */
export interface Speech {
  readonly dialect: UpstreamDialect<Hub>
  /** A relative reference (RFC 3986 4.2) from the base URL, e.g. `../anthropic`: it holds for regions and for an operator's own address too. */
  readonly basePath?: string
  readonly auth?: HeaderAuth
  /** Added to the provider's. */
  readonly headers?: Readonly<Record<string, string>>
  readonly quirks?: Quirks
  readonly modelQuirks?: readonly ModelQuirks[]
  /** The wire names of the models that answer in it; all do where absent. */
  readonly models?: RegExp
  /** Spoken to clients of this dialect only: no model needs it, since all of them answer in the first dialect too. */
  readonly onlyWhenAsked?: boolean
}

/** An answer with all that is given here says one thing, e.g. that the key itself is bad. A row has a status, a code or a message. */
export interface ProviderWords {
  /** Absent for a provider that answers 200 and tells of the error inside. */
  readonly status?: number
  /** The code, type or status word in the provider's error. */
  readonly code?: string
  /** How the provider's message begins, only where it has no code that tells. */
  readonly message?: string
}

export interface Deadlines {
  connect: number
  firstByte: number
  firstByteUnstreamed: number
  progress: number
  total: number
}

export type Endpoint =
  | 'chat'
  | 'responses'
  | 'messages'
  | 'embeddings'
  | 'completions'
  | 'images'
  | 'audio'
  | 'moderations'
  | 'rerank'
  | 'generate'
  | 'passthrough'
