import type { ChatToolCall, FinishReason } from '../../contract/chat.ts'
import { entryOf, type Fields, fields, list, text, word } from '../fields.ts'

/** What a message says, whole or a piece of a stream; calls come whole, and only newer versions give them ids. */
export interface Said {
  readonly content: string | undefined
  readonly thinking: string | undefined
  readonly calls: readonly ChatToolCall[]
}

/** `made` begins the ids of calls without one; `before` calls were counted already. */
export function readMessage(answer: Fields, made: string, before = 0): Said {
  const { content, thinking, tool_calls } = fields(answer.message)
  return {
    content: word(content),
    thinking: word(thinking),
    calls: list(tool_calls).map((call, index) => decodeCall(fields(call), `${made}_${before + index}`)),
  }
}

function decodeCall({ id, function: called }: Fields, made: string): ChatToolCall {
  const { name, arguments: args } = fields(called)
  return {
    id: word(id) ?? made,
    type: 'function',
    function: { name: text(name) ?? '', arguments: typeof args === 'string' ? args : JSON.stringify(args ?? {}) },
  }
}

const FINISHES: Readonly<Record<string, FinishReason>> = { stop: 'stop', length: 'length' }

/** Calls end with `stop`, too; a reason of no model, such as `load`, still ended the answer, and early versions gave none. */
export function readFinish({ done, done_reason }: Fields, called: boolean): FinishReason | null {
  if (done !== true) return null
  const finish = entryOf(FINISHES, done_reason) ?? 'stop'
  return finish === 'stop' && called ? 'tool_calls' : finish
}

/** The same shape as in chat completions. */
export function logprobsOf({ logprobs }: Fields): { content: readonly unknown[]; refusal: null } | undefined {
  return Array.isArray(logprobs) ? { content: logprobs, refusal: null } : undefined
}
