import type { ChatRequest } from '../../src/contract/chat.ts'
import type { EncodeContext } from '../../src/contract/dialect.ts'
import { takes } from '../../src/contract/params.ts'
import { encodeThinking } from '../../src/dialects/anthropic-messages/thinking.ts'
import { count, entryOf, fields } from '../../src/dialects/fields.ts'
import { effortOf, readThinkingAsked, type ThinkingAsked } from '../../src/dialects/thinking-asked.ts'
import { thinkingBy, vendorOf } from './models.ts'

// What Converse has no word for, and some vendors' models take all the same, each in its vendor's own words, in
// `additionalModelRequestFields`. https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html

interface Own {
  /** Parameters that these models cannot be told. */
  readonly lost: readonly string[]
  encode(chat: ChatRequest, context: EncodeContext): Fields
}

type Fields = Readonly<Record<string, unknown>>

const THINKING = ['reasoning', 'reasoning_effort', 'thinking']
const CACHE = ['cache_control', 'messages.cache_control', 'messages.content.cache_control', 'tools.cache_control']

const vendors: Readonly<Record<string, Own>> = {
  // https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html
  anthropic: {
    lost: [],
    encode(chat, { quirks, maxOutput = 4096 }) {
      const maxTokens = count(chat.max_completion_tokens) ?? count(chat.max_tokens) ?? maxOutput
      const { thinking, effort } = encodeThinking(chat, { maxTokens, quirks: { thinkingBy: thinkingBy(chat.model), ...quirks } })
      return {
        top_k: topK(chat, quirks),
        anthropic_beta: chat.anthropic_beta,
        thinking,
        output_config: effort === undefined ? undefined : { effort },
      }
    },
  },
  // https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html
  amazon: {
    lost: ['anthropic_beta', 'tools.cache_control'],
    encode(chat, { quirks }) {
      const k = topK(chat, quirks)
      const asked = readThinkingAsked(chat, quirks)
      return {
        inferenceConfig: k === undefined ? undefined : { topK: k },
        reasoningConfig: asked && (asked.off ? { type: 'disabled' } : { type: 'enabled', maxReasoningEffort: levelOf(asked) }),
      }
    },
  },
  // https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-openai.html
  openai: {
    lost: ['anthropic_beta', 'top_k', ...CACHE],
    encode(chat, { quirks }) {
      const asked = readThinkingAsked(chat, quirks)
      return { reasoning_effort: asked && !asked.off ? levelOf(asked) : undefined }
    },
  },
}

/** Of what nobody has told us of yet, and of a profile that hides its model, nothing more than Converse itself is asked. */
const UNKNOWN: Own = { lost: ['anthropic_beta', 'top_k', ...THINKING, ...CACHE], encode: () => ({}) }

const ownOf = (model: string): Own => entryOf(vendors, vendorOf(model)) ?? UNKNOWN

/** Parameters that this model does not take, though another vendor's does. */
export const lostOn = (model: string): readonly string[] => ownOf(model).lost

/** A client that knows Bedrock says such fields itself, and is not contradicted. */
export function encodeOwn(chat: ChatRequest, context: EncodeContext): object | undefined {
  const own = { ...ownOf(chat.model).encode(chat, context), ...fields(chat.additionalModelRequestFields) }
  return Object.values(own).some((value) => value !== undefined) ? own : undefined
}

const topK = (chat: ChatRequest, quirks: EncodeContext['quirks']): unknown =>
  takes(quirks, 'top_k') ? (chat.top_k ?? undefined) : undefined

/** Both vendors know three. */
const LEVELS: Readonly<Record<string, string>> = { minimal: 'low', low: 'low', medium: 'medium', high: 'high', xhigh: 'high', max: 'high' }

function levelOf(asked: ThinkingAsked): string {
  const effort = effortOf(asked) ?? 'medium'
  return entryOf(LEVELS, effort) ?? effort
}
