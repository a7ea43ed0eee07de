import type { ChatChoice, ChatMessage, ChatResponse, ChatToolCall } from '../../contract/chat.ts'
import type { DecodeContext } from '../../contract/dialect.ts'
import { encodeUsage } from '../chat-usage.ts'
import { failed, readFailure } from '../failure.ts'
import { count, fields, list, text, word } from '../fields.ts'
import { readArguments, readFinish, readSaid } from './message.ts'
import { splitThinkTags } from './think-tags.ts'
import { readUsage } from './usage.ts'

/** One whole answer, with what its speakers do differently evened out. */
export function decodeResponse(body: unknown, context: DecodeContext): ChatResponse {
  const answer = fields(body)
  const choices = list(answer.choices)
  if (choices.length === 0 || readFailure(body) !== undefined) throw failed(body)
  return {
    ...answer,
    id: word(answer.id) ?? context.requestId,
    object: 'chat.completion',
    created: count(answer.created) ?? context.created,
    model: word(answer.model) ?? context.model,
    choices: choices.map((choice, index) => decodeChoice(choice, index, context)),
    usage: encodeUsage(readUsage(body, context.quirks)),
  }
}

function decodeChoice(value: unknown, position: number, context: DecodeContext): ChatChoice {
  const choice = fields(value)
  const message = fields(choice.message)
  const said = splitThinkTags(readSaid(message), context.quirks)
  const calls = list(message.tool_calls).map((call, index) => decodeCall(call, `call_${context.requestId}_${position}_${index}`))
  return {
    index: count(choice.index) ?? position,
    message: { ...without(message), ...spoken(said, calls), role: 'assistant' },
    finish_reason: readFinish(choice.finish_reason, calls.length > 0),
    native_finish_reason: word(choice.native_finish_reason) ?? word(choice.finish_reason),
    logprobs: choice.logprobs ?? null,
  }
}

function without(message: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { tool_calls: _calls, reasoning: _reasoning, reasoning_text: _text, ...rest } = message
  return rest
}

function spoken(said: { content: string | undefined; reasoning: string | undefined }, calls: ChatToolCall[]): Partial<ChatMessage> {
  return {
    content: said.content ?? null,
    reasoning_content: said.reasoning,
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  }
}

function decodeCall(value: unknown, madeUpId: string): ChatToolCall {
  const call = fields(value)
  const { name, arguments: args } = fields(call.function)
  return { ...call, id: word(call.id) ?? madeUpId, type: 'function', function: { name: text(name) ?? '', arguments: readArguments(args) } }
}
