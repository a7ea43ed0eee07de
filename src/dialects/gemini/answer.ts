import type { ChatChoice, ChatMessage, ChatResponse, ChatToolCall, ChatUsage, FinishReason } from '../../contract/chat.ts'
import { cut } from '../chat-usage.ts'
import { type Fields, fields, list } from '../fields.ts'
import { readUrl } from '../media.ts'
import { packDetails } from '../packed-details.ts'
import { isMark, wholeDetails } from '../reasoning-details.ts'
import { readArguments } from '../tool-arguments.ts'
import { isFinish, readFinish } from './candidate.ts'
import { encodeMedia, type Part } from './contents.ts'
import { encodeLogprobs } from './logprobs.ts'
import { isOwn, signatureOf, signaturesOfText, signedParts } from './signatures.ts'

/** One answer as clients of this API read it: https://ai.google.dev/api/generate-content#generatecontentresponse */
export function encodeResponse({ id, model, choices, usage }: ChatResponse): object {
  return {
    candidates: choices.map((choice) => encodeCandidate(choice, encodeParts(choice.message))),
    usageMetadata: encodeUsage(usage),
    modelVersion: model,
    responseId: id,
  }
}

type Told = Pick<ChatChoice, 'index' | 'finish_reason' | 'native_finish_reason' | 'logprobs'> & { message?: Partial<ChatMessage> }

/** Clients take content without parts for a broken answer. */
export function encodeCandidate(choice: Told, parts: readonly Part[]): object {
  const content = { role: 'model', parts: parts.length > 0 ? parts : [{ text: '' }] }
  return { content, ...encodeFinish(choice), index: choice.index, ...encodeLogprobs(choice.logprobs) }
}

const FINISHES: Readonly<Record<FinishReason, string>> = {
  stop: 'STOP',
  length: 'MAX_TOKENS',
  tool_calls: 'STOP',
  function_call: 'STOP',
  content_filter: 'SAFETY',
}

/** The provider's own word where it is one of this API's. A refusal in words is told whatever the reason. */
function encodeFinish({ finish_reason, native_finish_reason: native, message }: Told): object {
  const finishMessage = message?.refusal || undefined
  if (finish_reason === null) return {}
  const called = finish_reason === 'tool_calls'
  if (native !== undefined && isFinish(native) && readFinish(native, called) === finish_reason)
    return { finishReason: native, finishMessage }
  return { finishReason: finishMessage === undefined ? FINISHES[finish_reason] : FINISHES.content_filter, finishMessage }
}

/**
 * What a message says, each signature on the part it came with. Marks of other providers ride, packed, on the first call, which every client
 * hands back whole; else on the words.
 */
export function encodeParts(message: Partial<ChatMessage>): Part[] {
  const { content, reasoning_content, reasoning_details = [], tool_calls = [], images } = message
  const thoughts = reasoning_content ? [{ text: reasoning_content, thought: true }] : []
  const words = typeof content === 'string' && content !== '' ? [{ text: content }] : []
  const pictures = list(images).map((image) => encodeMedia(readUrl(String(fields(fields(image).image_url).url), 'images')))
  // Nearly every piece of a stream is words and nothing else.
  if (tool_calls.length === 0 && reasoning_details.length === 0) return [...thoughts, ...words, ...pictures]
  const calls = tool_calls.map((call) => encodeCall(call, message))
  const foreign = wholeDetails(reasoning_details).filter((detail) => !isOwn(detail) && isMark(detail))
  const packed = foreign.length > 0 ? [packDetails(foreign)] : []
  const [first, ...rest] = calls
  if (first === undefined || first.thoughtSignature !== undefined)
    return [...thoughts, ...signedParts(words, [...signaturesOfText(message), ...packed]), ...pictures, ...calls]
  return [...thoughts, ...signedParts(words, signaturesOfText(message)), ...pictures, { ...first, thoughtSignature: packed[0] }, ...rest]
}

function encodeCall(call: ChatToolCall, message: Partial<ChatMessage>): Part {
  const { name, arguments: written } = call.function
  const functionCall = { id: call.id, name, args: readArguments(written) }
  return { functionCall, thoughtSignature: signatureOf(call, message) }
}

/** Usage as this API counts: thoughts beside the candidates, and never more than the whole. What was not told is absent. */
export function encodeUsage(usage: ChatUsage | null | undefined): Fields | undefined {
  if (!usage) return undefined
  const { prompt_tokens, completion_tokens, total_tokens, prompt_tokens_details, completion_tokens_details } = usage
  const thoughts = cut(completion_tokens_details?.reasoning_tokens, completion_tokens)
  return {
    promptTokenCount: prompt_tokens,
    cachedContentTokenCount: prompt_tokens_details?.cached_tokens,
    candidatesTokenCount: completion_tokens === undefined ? undefined : completion_tokens - (thoughts ?? 0),
    thoughtsTokenCount: thoughts,
    totalTokenCount: total_tokens,
  }
}
