import { spokenDialects } from '../../src/main/spoken-dialects.ts'
import { asAsked, OWN, type Recording, recordingsIn, SHARED } from '../contract/dialects/recordings.ts'

// Which wire format each recorded API is in: the one list that all suites over recordings read. A dialect is run by all of them as soon as
// a provider here speaks it.

const CONVERSING: readonly (readonly [api: RegExp, dialect: string])[] = [
  [/^bedrock\.converse(-stream)?$/, 'bedrock-converse'],
  [/^bedrock\.invoke(-with-response-stream)?\.anthropic$/, 'anthropic-on-bedrock'],
  [/^cohere\.chat\.v2$/, 'cohere-chat'],
  [/^ollama\.native\.chat$/, 'ollama-chat'],
  [/(^|\.)anthropic\.(messages|rawPredict|streamRawPredict)$/, 'anthropic-messages'],
  [/^(google|vertex)\.(streamGenerateContent|generateContent)$/, 'gemini'],
  [/\.responses$/, 'openai-responses'],
  [/\.completions$/, 'openai-completions'],
  [/\.chat$/, 'openai-chat'],
]

/** The dialect that an exchange of a conversation is in, spoken here or not. */
export const formatOf = ({ api }: Pick<Recording, 'api'>): string | undefined => CONVERSING.find(([pattern]) => pattern.test(api))?.[1]

/** The same, where somebody here speaks it. */
export function conversedIn(recording: Pick<Recording, 'api'>): string | undefined {
  const dialect = formatOf(recording)
  return dialect !== undefined && spokenDialects.has(dialect) ? dialect : undefined
}

/** Bedrock's name of Claude's API tells not whether it is Messages, or the completions before it. */
export const isBeforeMessages = ({ api, request }: Recording): boolean =>
  /^bedrock\.invoke.*\.anthropic$/.test(api) && 'prompt' in Object(JSON.parse(request?.body ?? '{}'))

/** Every recorded exchange of a conversation in a dialect that is spoken here, ours and the shared ones. */
export const conversations: readonly Recording[] = [...recordingsIn(OWN), ...recordingsIn(SHARED)]
  .filter((recording) => conversedIn(recording) !== undefined && !isBeforeMessages(recording))
  .map(asAsked)

/** What is asked for besides conversation: the dialect, and the path where its own clients ask for it. */
interface Asked {
  readonly dialect: string
  /** Undefined where no client of that format is served: only providers speak it. */
  readonly path: ((model: string) => string) | undefined
}

const at = (path: string) => () => path

const ASKED: readonly (readonly [api: RegExp, asked: Asked])[] = [
  [/^(openai|azure|perplexity)\.embeddings$/, { dialect: 'openai-embeddings', path: at('/v1/embeddings') }],
  [/^cohere\.embed\.v2$/, { dialect: 'cohere-embeddings', path: at('/v2/embed') }],
  [/^cohere\.embed\.v1$/, { dialect: 'cohere-embeddings-1', path: at('/v1/embed') }],
  [/^google\.embedContent$/, { dialect: 'gemini-embedding', path: (model) => `/v1beta/models/${model}:embedContent` }],
  [/^google\.batchEmbedContents$/, { dialect: 'gemini-embeddings', path: (model) => `/v1beta/models/${model}:batchEmbedContents` }],
  [/^ollama\.native\.embed$/, { dialect: 'ollama-embeddings', path: undefined }],
  [/^vertex\.predict$/, { dialect: 'vertex-embeddings', path: undefined }],
  [/^voyage\.embeddings$/, { dialect: 'voyage-embeddings', path: undefined }],
  [/^(cohere\.rerank\.v[12]|openrouter\.rerank)$/, { dialect: 'rerank', path: at('/v1/rerank') }],
  [/^voyage\.rerank$/, { dialect: 'voyage-rerank', path: undefined }],
  [/^anthropic\.count_tokens$/, { dialect: 'anthropic-count-tokens', path: at('/v1/messages/count_tokens') }],
  [/^(google|vertex)\.countTokens$/, { dialect: 'gemini-count-tokens', path: (model) => `/v1beta/models/${model}:countTokens` }],
  [/^openai\.moderations$/, { dialect: 'openai-moderations', path: at('/v1/moderations') }],
  [/^(openai|xai)\.images\.generations$/, { dialect: 'openai-images', path: at('/v1/images/generations') }],
  [/^(openai|openrouter)\.audio\.speech$/, { dialect: 'openai-speech', path: at('/v1/audio/speech') }],
  [/^openai\.audio\.transcriptions$/, { dialect: 'openai-transcriptions', path: at('/v1/audio/transcriptions') }],
  [/^openai\.audio\.translations$/, { dialect: 'openai-translations', path: at('/v1/audio/translations') }],
]

/** What a recorded exchange asks for that is no conversation. */
export function askedFor({ api }: Pick<Recording, 'api'>): Asked | undefined {
  return ASKED.find(([pattern]) => pattern.test(api))?.[1]
}

/** A recorded body as it was sent: what is not text was kept in base64. */
export function bytesOf({ response }: Pick<Recording, 'response'>): Buffer {
  return Buffer.from(response.body, response.encoding === 'base64' ? 'base64' : 'utf8')
}
