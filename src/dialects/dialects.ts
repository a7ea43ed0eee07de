import type { UpstreamDialect } from '../contract/dialect.ts'
import { anthropicMessages } from './anthropic-messages.ts'
import { gemini } from './gemini.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiResponses } from './openai-responses.ts'

/** Every dialect a provider may speak, by the id that an operator's `providers.yaml` names it with. */
export const upstreamDialects: ReadonlyMap<string, UpstreamDialect> = new Map<string, UpstreamDialect>(
  [anthropicMessages, gemini, openaiChat, openaiResponses].map((dialect) => [dialect.id, dialect]),
)
