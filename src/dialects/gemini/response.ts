import type { ChatChoice, ChatResponse } from '../../contract/chat.ts'
import type { DecodeContext } from '../../contract/dialect.ts'
import { encodeUsage } from '../chat-usage.ts'
import { failed } from '../failure.ts'
import { count, type Fields, fields, list, word } from '../fields.ts'
import { decodeParts, readBlock, readFinish } from './candidate.ts'
import { decodeLogprobs } from './logprobs.ts'
import { readUsage } from './usage.ts'

/** https://ai.google.dev/api/generate-content#generatecontentresponse */
export function decodeResponse(body: unknown, context: DecodeContext): ChatResponse {
  const answer = fields(body)
  const candidates = list(answer.candidates).map((candidate, index) => decodeCandidate(fields(candidate), index, context))
  const choices = candidates.length > 0 ? candidates : blocked(answer)
  if (choices.length === 0) throw failed(body)
  return {
    id: word(answer.responseId) ?? context.requestId,
    object: 'chat.completion',
    created: context.created,
    model: word(answer.modelVersion) ?? context.model,
    choices,
    usage: encodeUsage(readUsage(body)),
  }
}

function decodeCandidate(candidate: Fields, position: number, { requestId }: DecodeContext): ChatChoice {
  const index = count(candidate.index) ?? position
  const told = decodeParts(candidate, { index, requestId, calls: 0, details: 0 })
  return {
    index,
    message: { role: 'assistant', content: null, ...told },
    finish_reason: readFinish(candidate.finishReason, told.tool_calls !== undefined),
    native_finish_reason: word(candidate.finishReason),
    logprobs: decodeLogprobs(candidate) ?? null,
  }
}

function blocked(answer: Fields): ChatChoice[] {
  const block = readBlock(answer)
  if (block === undefined) return []
  const message = { role: 'assistant', content: null, refusal: block.refusal } as const
  return [{ index: 0, message, finish_reason: 'content_filter', native_finish_reason: block.native, logprobs: null }]
}
