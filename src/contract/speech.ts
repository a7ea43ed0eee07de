import type { CatalogModel } from './catalog.ts'
import type { DialectId } from './dialect.ts'
import type { Endpoint, Provider, Speech } from './provider.ts'

/** What is asked of a provider: one of its models, undefined where no catalogue lists it. */
interface Asked {
  readonly provider: Provider
  readonly model: CatalogModel | undefined
}

/**
 * The provider as it is spoken to: in the client's own dialect where both the provider and the model know it, else in the first dialect
 * that the model answers in.
 */
export function speaking({ provider, model }: Asked, client: DialectId): Provider {
  if (provider.dialect.id === client && answersIn(model, client)) return provider
  const voices = voicesOf(provider)
  const own = voices.find(({ dialect }) => dialect.id === client && answersIn(model, client))
  if (own) return own
  if (answersIn(model, provider.dialect.id)) return provider
  return voices.find(({ dialect, onlyWhenAsked }) => !onlyWhenAsked && listedFor(model, dialect.id)) ?? provider
}

/** Catalogues list a model that any chat-like dialect reaches under `chat`; only what answers nowhere else is listed under that place alone. */
const PLACES: Readonly<Record<DialectId, readonly Endpoint[]>> = {
  'anthropic-messages': ['messages', 'chat'],
  gemini: ['generate', 'chat'],
  'openai-chat': ['chat'],
  'openai-completions': ['completions'],
  'openai-responses': ['responses', 'chat'],
}

/** Unknown does not refuse. */
const answersIn = (model: CatalogModel | undefined, dialect: DialectId): boolean =>
  !model || !Object.hasOwn(PLACES, dialect) || listedFor(model, dialect)

const listedFor = (model: CatalogModel | undefined, dialect: DialectId): boolean =>
  PLACES[dialect]?.some((place) => model?.endpoints.includes(place)) ?? false

type Voice = Provider & Pick<Speech, 'onlyWhenAsked'>

const known = new WeakMap<Provider, readonly Voice[]>()

function voicesOf(provider: Provider): readonly Voice[] {
  const voices = known.get(provider) ?? provider.also.map((speech) => voice(provider, speech))
  known.set(provider, voices)
  return voices
}

function voice(provider: Provider, speech: Speech): Voice {
  return { ...provider, quirks: {}, ...speech, headers: { ...provider.headers, ...speech.headers } }
}
