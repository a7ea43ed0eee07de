import type { IngressDialect, UpstreamCall, UpstreamDialect, Usage } from '../contract/dialect.ts'
import { GatewayError } from '../errors.ts'
import { anthropicMessages } from './anthropic-messages.ts'
import { gemini } from './gemini.ts'

/** https://platform.claude.com/docs/en/api/messages-count-tokens */
export const anthropicCount = counting(anthropicMessages, {
  id: 'anthropic-count-tokens',
  path: () => '/v1/messages/count_tokens',
})

/** https://ai.google.dev/api/tokens */
export const geminiCount = counting(gemini, {
  id: 'gemini-count-tokens',
  path: (call) => gemini.path({ ...call, stream: false }).replace(/:generateContent$/, ':countTokens'),
})

type Dialect = UpstreamDialect & IngressDialect

/** A call beside the conversation, in the same protocol: its bytes pass, and nothing is translated, for each model counts in its own way. */
function counting(protocol: Dialect, call: { id: string; path: (call: UpstreamCall) => string }): Dialect {
  return { ...protocol, ...call, readUsage: () => FREE, decodeRequest: refuse, encodeRequest: refuse }
}

/** Counting is free at both vendors, so that none is known and not unknown. */
const FREE: Usage = { input: 0, output: 0 }

function refuse(): never {
  throw new GatewayError(
    'unsupported_parameter',
    "The provider of this model cannot count tokens in your client's protocol, and the gateway does not guess: leave the count out, or ask a model whose vendor counts.",
    { param: 'count_tokens' },
  )
}
