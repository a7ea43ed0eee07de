import { spokenDialects } from '../../src/main/spoken-dialects.ts'
import { OWN, type Recording, recordingsIn, SHARED } from '../contract/dialects/recordings.ts'

// Which wire format each recorded API is in: the one list that all suites over recordings read. A dialect is run by all of them as soon as
// a provider here speaks it.

const CONVERSING: readonly (readonly [api: RegExp, dialect: string])[] = [
  [/^(cohere\.(chat\.v1|generate)|ollama\.native\.generate|watsonx\.text)/, 'nobody speaks it any more'],
  [/^bedrock\.converse(-stream)?$/, 'bedrock-converse'],
  [/^cohere\.chat\.v2$/, 'cohere-chat'],
  [/^ollama\.native\.chat$/, 'ollama-chat'],
  [/(^|\.)anthropic\.(messages|rawPredict|streamRawPredict)$/, 'anthropic-messages'],
  [/^(google|vertex)\.(streamGenerateContent|generateContent)$/, 'gemini'],
  [/\.responses$/, 'openai-responses'],
  [/\.completions$/, 'openai-completions'],
  [/\.chat$/, 'openai-chat'],
]

/** The dialect that an exchange of a conversation is in; undefined of any other, and where nobody here speaks it. */
export function conversedIn({ api }: Pick<Recording, 'api'>): string | undefined {
  const dialect = CONVERSING.find(([pattern]) => pattern.test(api))?.[1]
  return dialect !== undefined && spokenDialects.has(dialect) ? dialect : undefined
}

/** A stream asked for without `alt=sse` is one list in JSON, and we never ask so. */
export const isList = ({ response }: Recording): boolean => response.status === 200 && response.body.startsWith('[')

/** Every recorded exchange of a conversation in a dialect that is spoken here, ours and the shared ones. */
export const conversations: readonly Recording[] = [...recordingsIn(OWN), ...recordingsIn(SHARED)].filter(
  (recording) => conversedIn(recording) !== undefined && !isList(recording),
)

/** A recorded body as it was sent: what is not text was kept in base64. */
export function bytesOf({ response }: Pick<Recording, 'response'>): Buffer {
  return Buffer.from(response.body, response.encoding === 'base64' ? 'base64' : 'utf8')
}
