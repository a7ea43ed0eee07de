import type { ChatMessage, ChatResponse, ChatUsage, ReasoningDetail } from '../../src/contract/chat.ts'
import { isMark, wholeDetails } from '../../src/dialects/reasoning-details.ts'
import { encodeFinish } from './finish.ts'
import { encodeLogprobs } from './logprobs.ts'

/** One answer as clients of this API read it; it has one candidate, so further choices are never asked for. */
export function encodeResponse({ id, choices, usage }: ChatResponse): object {
  const [choice] = choices
  return {
    id,
    ...(choice && encodeFinish(choice, choice.message.refusal ?? '')),
    message: encodeMessage(choice?.message ?? { role: 'assistant' }),
    usage: encodeUsage(usage),
    logprobs: encodeLogprobs(choice?.logprobs),
  }
}

function encodeMessage({ content, reasoning_content, reasoning_details, tool_calls, citations }: ChatMessage): object {
  const words = typeof content === 'string' ? content : ''
  const items = [
    ...(reasoning_content ? [{ type: 'thinking', thinking: reasoning_content }] : []),
    ...marks(reasoning_details),
    ...(words === '' ? [] : [{ type: 'text', text: words }]),
  ]
  return {
    role: 'assistant',
    content: items.length > 0 ? items : undefined,
    tool_calls: tool_calls?.map(({ id, type, function: called }) => ({ id, type, function: called })),
    citations,
  }
}

/** What marks the thoughts stands in an item of its own, since a stream knows it only when they are said. */
export function marks(details: readonly ReasoningDetail[] | undefined): { type: 'thinking'; thinking: ''; reasoning_details: object[] }[] {
  const whole = wholeDetails(details)
  return whole.some(isMark) ? [{ type: 'thinking', thinking: '', reasoning_details: whole }] : []
}

/** Counts that nobody told are absent, and so is what would be billed: that is for the provider to say. */
export function encodeUsage(usage: ChatUsage | null | undefined): object | undefined {
  if (!usage) return undefined
  const { prompt_tokens: input_tokens, completion_tokens: output_tokens, prompt_tokens_details, completion_tokens_details } = usage
  return {
    tokens: { input_tokens, output_tokens, reasoning_tokens: completion_tokens_details?.reasoning_tokens },
    cached_tokens: prompt_tokens_details?.cached_tokens,
  }
}
