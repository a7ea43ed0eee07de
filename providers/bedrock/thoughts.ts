import type { ReasoningDetail } from '../../src/contract/chat.ts'
import { type Fields, fields, text, word } from '../../src/dialects/fields.ts'
import type { Placed } from '../../src/dialects/interleave.ts'
import { detailsOf } from '../../src/dialects/reasoning-details.ts'
import { vendorOf } from './models.ts'

// Thoughts come back where they stood, and as they were signed. Claude's signatures hold wherever it runs, so its thoughts are marked as
// Anthropic's: a chat may go on there. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ReasoningContentBlock.html

export const formatOf = (model: string): string => (isClaude(model) ? 'anthropic-claude-v1' : 'amazon-bedrock-v1')

const isClaude = (model: string): boolean => vendorOf(model) === 'anthropic'

/** Where a thought stands: as the how-manieth thought, and among all blocks of its answer. */
export interface ThoughtPlace {
  readonly index: number
  readonly place: number
  readonly model: string
}

export function decodeThought(reasoning: Fields, { index, place, model }: ThoughtPlace): ReasoningDetail {
  const kept = { index, id: `block_${place}`, format: formatOf(model) }
  const redacted = word(reasoning.redactedContent)
  if (redacted !== undefined) return { type: 'reasoning.encrypted', data: isClaude(model) ? unpacked(redacted) : redacted, ...kept }
  const { text: thought, signature } = fields(reasoning.reasoningText)
  return { type: 'reasoning.text', text: text(thought) ?? '', ...(word(signature) && { signature: text(signature) }), ...kept }
}

/** Unsigned thoughts are left out: models take back only what they signed. */
export function encodeThoughts(details: readonly ReasoningDetail[] | undefined, model: string): Placed<object>[] {
  return detailsOf(details, formatOf(model)).flatMap((detail) => {
    const reasoningContent = encodeThought(detail, model)
    return reasoningContent === undefined ? [] : [{ block: { reasoningContent }, place: placeOf(detail) }]
  })
}

function encodeThought({ type, text: thought = '', data, signature }: ReasoningDetail, model: string): object | undefined {
  if (type === 'reasoning.encrypted') return data === undefined ? undefined : { redactedContent: isClaude(model) ? packed(data) : data }
  return type === 'reasoning.text' && signature ? { reasoningText: { text: thought, signature } } : undefined
}

/** Converse carries as bytes, in base64, what Anthropic's own API carries as text. */
const packed = (data: string): string => Buffer.from(data).toString('base64')
const unpacked = (bytes: string): string => Buffer.from(bytes, 'base64').toString()

function placeOf({ id }: ReasoningDetail): number {
  return Number(/^block_(\d+)$/.exec(id ?? '')?.[1] ?? 0)
}
