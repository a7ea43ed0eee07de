import type { ChatMessage, ChatRequest } from '../../contract/chat.ts'
import type { Quirks } from '../../contract/quirks.ts'
import { fields } from '../fields.ts'
import { budgetOf, readThinkingAsked, type ThinkingAsked } from '../thinking-asked.ts'
import { encodeThoughts } from './thoughts.ts'
import { isForced } from './tools.ts'

/** The smallest budget that is taken. */
const MIN_BUDGET = 1024

interface Limits {
  readonly maxTokens: number
  readonly quirks: Quirks
}

/**
 * Current models think adaptively, guided by an effort; older ones (`thinkingBy: 'budget'`) take a budget below `max_tokens`. A client's
 * own `thinking` passes as it is. https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking
 */
export function encodeThinking(chat: ChatRequest, limits: Limits): { thinking?: object; effort?: string } {
  const { thinking, effort } = askedOf(chat, limits)
  return isEnabled(thinking) && beganUnthought(chat.messages) ? {} : { thinking, effort }
}

/** The parameters that would have the model think on where its turn began without a thought. */
export function lostThinking(chat: ChatRequest, quirks: Quirks): string[] {
  const { thinking } = askedOf(chat, { maxTokens: MIN_BUDGET, quirks })
  return isEnabled(thinking) && beganUnthought(chat.messages) ? ['reasoning', 'reasoning_effort', 'thinking'] : []
}

const isEnabled = (thinking: object | undefined): boolean => fields(thinking).type === 'enabled'

/**
 * By a budget a turn either thinks from its first call on or not at all, so one whose thoughts were lost on the way, as by clients that
 * keep nothing beside the fields of chat, goes on without.
 */
function beganUnthought(messages: readonly ChatMessage[]): boolean {
  const results = messages.length - messages.findLastIndex(({ role }) => role !== 'tool') - 1
  const calling = messages.at(-results - 1)
  return results > 0 && calling?.role === 'assistant' && encodeThoughts(calling.reasoning_details).length === 0
}

function askedOf(chat: ChatRequest, { maxTokens, quirks }: Limits): { thinking?: object; effort?: string } {
  const asked = readThinkingAsked(chat, quirks)
  if (asked === undefined) return {}
  const effort = asked.effort === undefined || asked.effort === 'none' ? undefined : effortOf(asked.effort)
  if (Object.keys(fields(chat.thinking)).length > 0) return { thinking: fields(chat.thinking), effort }
  if (asked.off) return { thinking: { type: 'disabled' } }
  const byBudget = quirks.thinkingBy === 'budget' || asked.budget !== undefined
  // A forced tool and thinking exclude each other, and the tool is what was asked for by name.
  if (isForced(chat.tool_choice)) return byBudget ? {} : { effort }
  return byBudget ? { thinking: enabled(asked, maxTokens) } : { thinking: { type: 'adaptive', display: displayOf(asked) }, effort }
}

function enabled(asked: ThinkingAsked, maxTokens: number): object {
  const budget = Math.min(budgetOf(asked) ?? MIN_BUDGET, maxTokens - 1)
  return { type: 'enabled', budget_tokens: Math.max(budget, MIN_BUDGET), display: displayOf(asked) }
}

/** Newer models leave their thoughts out unless asked for. */
function displayOf({ hidden }: ThinkingAsked): string {
  return hidden ? 'omitted' : 'summarized'
}

function effortOf(effort: string): string {
  return effort === 'minimal' ? 'low' : effort
}
