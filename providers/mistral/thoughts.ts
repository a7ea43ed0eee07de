import type { ReasoningDetail } from '../../src/contract/chat.ts'
import { packDetails } from '../../src/dialects/packed-details.ts'
import { isMark, wholeDetails } from '../../src/dialects/reasoning-details.ts'

/** A part of content that is a thought; clients hand it back as it came, with the signature that marks it. */
export interface Thought {
  readonly type: 'thinking'
  readonly thinking: readonly { readonly type: 'text'; readonly text: string }[]
  readonly signature?: string
}

export const thoughtOf = (text: string): Thought => ({ type: 'thinking', thinking: [{ type: 'text', text }] })

/** What marks thoughts, packed, whoever made it: Mistral's own signatures never come here, where its bytes pass. */
export function marksOf(details: readonly ReasoningDetail[] | undefined): Thought[] {
  const whole = wholeDetails(details)
  return whole.some(isMark) ? [{ type: 'thinking', thinking: [], signature: packDetails(whole) }] : []
}
