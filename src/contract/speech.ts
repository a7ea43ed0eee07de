import { GatewayError } from '../errors.ts'
import type { CatalogModel } from './catalog.ts'
import type { DialectId } from './dialect.ts'
import type { Family } from './family.ts'
import type { Endpoint, Provider, Speech } from './provider.ts'

/** What is asked of a provider: one of its models, undefined where no catalogue lists it. */
interface Asked {
  readonly provider: Provider
  readonly model: CatalogModel | undefined
  readonly wireModel: string
}

/**
 * The provider as it is spoken to: in the client's own dialect where both the provider and the model know it, else in the first dialect
 * that the model answers in. Other families than chat have one dialect a provider: the client's own, or the first of the family. Throws
 * `capability_missing` where there is none.
 */
export function speaking({ provider, model, wireModel }: Asked, client: DialectId, family: Family = 'chat'): Provider {
  const reached = ({ models }: Pick<Speech, 'models'>): boolean => models?.test(wireModel) ?? true
  const first = reached(provider)
  if (first && family === 'chat' && provider.dialect.id === client && answersIn(model, client)) return provider
  const voices = voicesOf(provider).filter(reached)
  if (family !== 'chat') return speakingFamily([provider, ...voices], client, family)
  const own = voices.find(({ dialect }) => dialect.id === client && answersIn(model, client))
  if (own) return own
  if (first && answersIn(model, provider.dialect.id)) return provider
  const others = voices.filter((voice) => !voice.onlyWhenAsked && familyOf(voice) === 'chat')
  return others.find(({ dialect }) => (first ? listedFor : answersIn)(model, dialect.id)) ?? provider
}

/** Whether a provider speaks any dialect of the family. */
export function speaks(provider: Provider, family: Family): boolean {
  return voices(provider).some((speech) => familyOf(speech) === family)
}

/** All that a provider speaks, its first dialect first. */
export const voices = (provider: Provider): readonly Pick<Speech, 'dialect' | 'basePath'>[] => [provider, ...provider.also]

/** Whether a model is listed for what an endpoint asks: chat by any of the protocols that hold a conversation, all else by its own name. */
export function serves({ endpoints }: CatalogModel, endpoint: Endpoint): boolean {
  const family = FAMILIES[endpoint] ?? 'chat'
  return endpoints.some((listed) => (FAMILIES[listed] ?? 'chat') === family)
}

/** What an endpoint asks for, where nobody has said more: `audio` may be asked to speak or to listen. */
export const FAMILIES: Readonly<Partial<Record<Endpoint, Family>>> = {
  embeddings: 'embeddings',
  moderations: 'moderations',
  rerank: 'rerank',
  images: 'images',
  audio: 'speech',
}

const familyOf = ({ dialect }: Pick<Speech, 'dialect'>): Family => dialect.family ?? 'chat'

function speakingFamily(voices: readonly [Provider, ...Voice[]], client: DialectId, family: Family): Provider {
  const ofFamily = voices.filter((voice) => familyOf(voice) === family)
  const found = ofFamily.find(({ dialect }) => dialect.id === client) ?? ofFamily[0]
  if (found) return found
  throw new GatewayError('capability_missing', `${voices[0].name} serves no ${family}: ask another provider's model.`)
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

type Voice = Provider & Pick<Speech, 'models' | 'onlyWhenAsked'>

const known = new WeakMap<Provider, readonly Voice[]>()

function voicesOf(provider: Provider): readonly Voice[] {
  const voices = known.get(provider) ?? provider.also.map((speech) => voice(provider, speech))
  known.set(provider, voices)
  return voices
}

function voice(provider: Provider, speech: Speech): Voice {
  return {
    ...provider,
    quirks: {},
    modelQuirks: [],
    basePath: undefined,
    models: undefined,
    ...speech,
    headers: { ...provider.headers, ...speech.headers },
  }
}
