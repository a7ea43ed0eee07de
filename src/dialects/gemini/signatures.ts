import type { ChatMessage, ChatToolCall, ReasoningDetail } from '../../contract/chat.ts'
import { type Fields, fields, word } from '../fields.ts'
import { detailsOf } from '../reasoning-details.ts'

// Thought signatures must come back on the parts they came with, or newer models refuse the request. One of a call travels through the
// client twice, because clients keep one or the other: on the call, as Google's own OpenAI layer has it, and in `reasoning_details` under
// the call's id. https://ai.google.dev/gemini-api/docs/thought-signatures

type Signed = Pick<ChatMessage, 'reasoning_details'>

const FORMAT = 'google-gemini-v1'

/**
 * Stands for the signature of a turn's first call where it is lost, as by clients that keep nothing beside the fields of chat, or was
 * never given, as by another model: without any the turn is refused. https://ai.google.dev/gemini-api/docs/thought-signatures
 */
export const LOST_SIGNATURE = 'skip_thought_signature_validator'

/** The detail of a part's signature; `call` is the id of the call it came with. */
export function decodeSignature(data: string, index: number, call: string | undefined): ReasoningDetail {
  return { type: 'reasoning.encrypted', data, index, format: FORMAT, ...(call === undefined ? {} : { id: call }) }
}

export function extraContentOf(thought_signature: string): { extra_content: Record<string, unknown> } {
  return { extra_content: { google: { thought_signature } } }
}

/** Whether a detail is a signature of this API. */
export function isOwn({ type, format }: ReasoningDetail): boolean {
  return type === 'reasoning.encrypted' && format === FORMAT
}

/** The signature of a call. */
export function signatureOf(call: ChatToolCall, message: Signed): string | undefined {
  const ofCall = word(fields(call.extra_content?.google).thought_signature)
  return ofCall ?? signed(message).find(({ id }) => id === call.id)?.data
}

/** The signatures of what was said in words. */
export function signaturesOfText(message: Signed): string[] {
  return signed(message).flatMap(({ id, data }) => (id || data === undefined ? [] : [data]))
}

/** Signatures of words on the last part of them; those before it, or without any words, on parts of their own. */
export function signedParts(parts: readonly Fields[], signatures: readonly string[]): Fields[] {
  const signed = signatures.map((thoughtSignature) => ({ text: '', thoughtSignature }))
  const last = parts.at(-1)
  if (last === undefined || signed.length === 0) return [...parts, ...signed]
  return [...parts.slice(0, -1), ...signed.slice(0, -1), { ...signed.at(-1), ...last }]
}

function signed({ reasoning_details }: Signed): ReasoningDetail[] {
  return detailsOf(reasoning_details, FORMAT).filter(isOwn)
}
