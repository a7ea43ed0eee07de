import type { IngressDialect, UpstreamDialect } from '../../src/contract/dialect.ts'
import type { Sent } from '../../src/contract/sent.ts'
import { openaiChat } from '../../src/dialects/openai-chat.ts'
import { encodeResponse } from './answer.ts'
import { decodeRequest } from './request.ts'
import { encodeStream } from './stream.ts'

/**
 * Chat completions as Mistral's own clients speak them: thoughts are parts of content, a call comes in one piece, and usage unasked in the
 * last chunk. https://docs.mistral.ai/api
 */
export const mistralChat = {
  ...openaiChat,
  id: 'mistral-chat',
  edits: { model: true, usage: false, maxTokens: false },
  decodeRequest,
  encodeResponse,
  encodeStream,
} satisfies UpstreamDialect & IngressDialect

/** They post where all clients of chat do, and tell who they are. */
export function isMistralClient({ header }: Pick<Sent, 'header'>): boolean {
  return /^mistral-client-[a-z]+\//.test(header('user-agent') ?? '')
}
