import type { ChatToolCall, FinishReason, ReasoningDetail } from '../../contract/chat.ts'
import { entryOf, type Fields, fields, list, text, word } from '../fields.ts'
import { decodeSignature, extraContentOf } from './signatures.ts'

/** What was counted of one candidate so far: a stream tells it in several events. */
export interface CandidateState {
  readonly index: number
  /** For calls without an id of their own. */
  readonly requestId: string
  calls: number
  details: number
}

/** What the parts of one event say. */
export interface Told {
  content?: string
  reasoning_content?: string
  reasoning_details?: ReasoningDetail[]
  tool_calls?: ChatToolCall[]
  /** Pictures the model made. */
  images?: object[]
}

/** https://ai.google.dev/api/caching#Part */
export function decodeParts(candidate: Fields, state: CandidateState): Told {
  const told: Told = {}
  for (const part of list(fields(candidate.content).parts)) decodePart(told, fields(part), state)
  return told
}

function decodePart(told: Told, part: Fields, state: CandidateState): void {
  const call = part.functionCall === undefined ? undefined : decodeCall(part, state)
  if (call !== undefined) told.tool_calls = [...(told.tool_calls ?? []), call]
  const said = word(part.text)
  if (said !== undefined && part.thought === true) told.reasoning_content = (told.reasoning_content ?? '') + said
  else if (said !== undefined) told.content = (told.content ?? '') + said
  const { mimeType, data } = fields(part.inlineData)
  if (typeof data === 'string') told.images = [...(told.images ?? []), imageOf(mimeType, data)]
  const signature = word(part.thoughtSignature)
  if (signature === undefined) return
  told.reasoning_details = [...(told.reasoning_details ?? []), decodeSignature(signature, state.details++, call?.id)]
}

function decodeCall({ functionCall, thoughtSignature }: Fields, state: CandidateState): ChatToolCall {
  const { id, name, args } = fields(functionCall)
  const made = `call_${state.requestId}_${state.index}_${state.calls++}`
  const signature = word(thoughtSignature)
  return {
    id: word(id) ?? made,
    type: 'function',
    function: { name: text(name) ?? '', arguments: JSON.stringify(args ?? {}) },
    ...(signature === undefined ? {} : extraContentOf(signature)),
  }
}

function imageOf(mimeType: unknown, data: string): object {
  return { type: 'image_url', image_url: { url: `data:${text(mimeType) ?? 'image/png'};base64,${data}` } }
}

const FINISHES: Readonly<Record<string, FinishReason>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content_filter',
  RECITATION: 'content_filter',
  LANGUAGE: 'content_filter',
  BLOCKLIST: 'content_filter',
  PROHIBITED_CONTENT: 'content_filter',
  SPII: 'content_filter',
  IMAGE_SAFETY: 'content_filter',
  IMAGE_PROHIBITED_CONTENT: 'content_filter',
  IMAGE_RECITATION: 'content_filter',
  // OpenAI has no word for these; `native_finish_reason` tells them.
  MALFORMED_FUNCTION_CALL: 'stop',
  NO_IMAGE: 'stop',
  OTHER: 'stop',
  TOO_MANY_TOOL_CALLS: 'stop',
  UNEXPECTED_TOOL_CALL: 'stop',
}

/** Whether a reason is a word of this API. */
export function isFinish(reason: string): boolean {
  return Object.hasOwn(FINISHES, reason)
}

/** Calls end with `STOP`, too. */
export function readFinish(finishReason: unknown, called: boolean): FinishReason | null {
  const native = word(finishReason)
  if (native === undefined) return null
  const finish = entryOf(FINISHES, native) ?? 'stop'
  return finish === 'stop' && called ? 'tool_calls' : finish
}

/** Why a prompt was refused before any candidate was made; undefined where it was not. */
export function readBlock(answer: Fields): { refusal: string; native: string } | undefined {
  const { blockReason, blockReasonMessage } = fields(answer.promptFeedback)
  const native = word(blockReason)
  return native === undefined ? undefined : { native, refusal: word(blockReasonMessage) ?? `The prompt was blocked: ${native}.` }
}
