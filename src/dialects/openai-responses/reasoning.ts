import type { ReasoningDetail } from '../../contract/chat.ts'
import { type Fields, fields, list, text, word } from '../fields.ts'
import type { Placed } from '../interleave.ts'
import { detailsOf } from '../reasoning-details.ts'

// Reasoning that the provider does not store must come back encrypted and where it stood; each part of an item travels as one detail
// under the item's id. https://platform.openai.com/docs/guides/reasoning#encrypted-reasoning-items

const FORMAT = 'openai-responses-v1'

/** Where an item stands: among the details so far, and among all items of its answer. */
export interface Standing {
  readonly index: number
  readonly place: number
}

export function decodeReasoning(item: Fields, { index, place }: Standing): ReasoningDetail[] {
  const parts: Pick<ReasoningDetail, 'type' | 'summary' | 'text' | 'data'>[] = [
    ...wordsIn(item.summary).map((summary) => ({ type: 'reasoning.summary', summary }) as const),
    ...wordsIn(item.content).map((said) => ({ type: 'reasoning.text', text: said }) as const),
  ]
  const data = word(item.encrypted_content)
  if (data !== undefined) parts.push({ type: 'reasoning.encrypted', data })
  return parts.map((part, at) => ({ ...part, id: word(item.id), index: index + at, output_index: place, format: FORMAT }))
}

/** The thoughts in plain words. */
export function thoughtsIn({ summary, content }: Fields): string | undefined {
  const [summarised, said] = [wordsIn(summary), wordsIn(content)]
  return word((summarised.length > 0 ? summarised : said).join(PARAGRAPH))
}

/** Parts of a summary are paragraphs. */
export const PARAGRAPH = '\n\n'

function wordsIn(parts: unknown): string[] {
  return list(parts).flatMap((part) => text(fields(part).text) ?? [])
}

/** Items again. One with a summary alone is left out: it names something that was never stored. */
export function encodeReasoning(details: readonly ReasoningDetail[] | undefined): Placed<Fields>[] {
  const ours = detailsOf(details, FORMAT).filter(({ format }) => format === FORMAT)
  const items = Map.groupBy(ours, ({ id, output_index }) => id ?? output_index).values()
  return [...items].flatMap((parts) => {
    const content = parts.flatMap(({ type, text: said }) =>
      type === 'reasoning.text' && said ? [{ type: 'reasoning_text', text: said }] : [],
    )
    const encrypted = parts.find(({ type }) => type === 'reasoning.encrypted')?.data
    if (encrypted === undefined && content.length === 0) return []
    const summary = parts.flatMap(({ summary: said }) => (said ? [{ type: 'summary_text', text: said }] : []))
    const [first] = parts
    const block = {
      type: 'reasoning',
      id: first?.id ?? undefined,
      summary,
      ...(content.length > 0 ? { content } : {}),
      ...(encrypted === undefined ? {} : { encrypted_content: encrypted }),
    }
    return [{ block, place: typeof first?.output_index === 'number' ? first.output_index : 0 }]
  })
}
