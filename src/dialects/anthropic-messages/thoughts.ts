import type { ReasoningDetail } from '../../contract/chat.ts'
import { type Fields, text } from '../fields.ts'
import type { Placed } from '../interleave.ts'
import { detailsOf } from '../reasoning-details.ts'
import type { Block } from './block.ts'

// Thinking blocks must come back unchanged and where they stood, or the request is refused; they travel through the client as
// `reasoning_details` whose id tells the place. https://platform.claude.com/docs/en/build-with-claude/extended-thinking

export const FORMAT = 'anthropic-claude-v1'

/** The detail of a thinking block: its `index` counts details, its id keeps its place among all blocks. Undefined for other blocks. */
export function decodeThought(block: Fields, index: number, place: number): ReasoningDetail | undefined {
  const kept = { index, id: `block_${place}`, format: FORMAT }
  if (block.type === 'redacted_thinking') return { type: 'reasoning.encrypted', data: text(block.data) ?? '', ...kept }
  if (block.type !== 'thinking') return undefined
  return {
    type: 'reasoning.text',
    text: text(block.thinking) ?? '',
    ...(block.signature ? { signature: text(block.signature) } : {}),
    ...kept,
  }
}

/** Unsigned thoughts are left out: the API takes back only what it signed. */
export function encodeThoughts(details: readonly ReasoningDetail[] | undefined): Placed<Block>[] {
  return detailsOf(details, FORMAT).flatMap((detail) => {
    const isSigned = detail.type === 'reasoning.encrypted' ? detail.data !== undefined : Boolean(detail.signature)
    return isSigned && detail.type !== 'reasoning.summary' ? [{ block: encodeThought(detail), place: placeOf(detail) }] : []
  })
}

export function encodeThought({ type, text: thinking = '', signature, data }: ReasoningDetail): Block {
  return type === 'reasoning.encrypted' ? { type: 'redacted_thinking', data } : { type: 'thinking', thinking, signature: signature ?? '' }
}

/** Where among all blocks of its answer a thought stood. */
export function placeOf({ id }: ReasoningDetail): number {
  return Number(/^block_(\d+)$/.exec(id ?? '')?.[1] ?? 0)
}
