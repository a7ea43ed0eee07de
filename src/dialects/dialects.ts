import type { UpstreamDialect } from '../contract/dialect.ts'
import type { Hub } from '../contract/family.ts'
import { anthropicMessages } from './anthropic-messages.ts'
import { anthropicCount, geminiCount } from './counting.ts'
import { familyDialects } from './families.ts'
import { gemini } from './gemini.ts'
import { ollamaChat } from './ollama-chat.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiCompletions } from './openai-completions.ts'
import { openaiResponses } from './openai-responses.ts'

/** Dialects that hold a conversation: what a client of one says can be said in any other. */
export const conversing: readonly UpstreamDialect[] = [anthropicMessages, gemini, ollamaChat, openaiChat, openaiResponses]

/** Every dialect a provider may speak, by the id that an operator's `providers.yaml` names it with. */
export const upstreamDialects: ReadonlyMap<string, UpstreamDialect<Hub>> = new Map(
  [...conversing, openaiCompletions, anthropicCount, geminiCount, ...familyDialects].map((dialect) => [dialect.id, dialect]),
)
