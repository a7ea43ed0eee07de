import type { ChatDelta } from '../../contract/chat.ts'
import { packDetails } from '../packed-details.ts'
import { wholeDetails } from '../reasoning-details.ts'
import { type Answer, type AnswerEvent, added, done, nextPlace, type Thoughts } from './answer-state.ts'

/**
 * Thoughts are told as a summary, and what their provider must get back travels in `encrypted_content`. Marks without words that come
 * in the midst of something else wait for the next thoughts, or for the end.
 */
export function think(answer: Answer, { reasoning_content: said, reasoning_details: details = [] }: ChatDelta): AnswerEvent[] {
  if (!said && details.length === 0) return []
  if (!said && answer.thoughts === undefined && isSpeaking(answer)) {
    answer.held.push(...details)
    return []
  }
  const fresh = answer.thoughts === undefined
  const thoughts = (answer.thoughts ??= openThoughts(answer))
  thoughts.details.push(...details)
  const opened = fresh ? [added(thoughts, { type: 'reasoning', summary: [] })] : []
  return said ? [...opened, ...summarise(thoughts, said)] : opened
}

function isSpeaking({ message, calls }: Answer): boolean {
  return message !== undefined || calls.size > 0
}

function openThoughts(answer: Answer): Thoughts {
  const details = answer.held
  answer.held = []
  return { ...nextPlace(answer, 'rs'), text: '', details }
}

function summarise(thoughts: Thoughts, delta: string): AnswerEvent[] {
  const at = placeOf(thoughts)
  const begins = thoughts.text === ''
  thoughts.text += delta
  const told = { type: 'response.reasoning_summary_text.delta', ...at, delta }
  return begins ? [{ type: 'response.reasoning_summary_part.added', ...at, part: { type: 'summary_text', text: '' } }, told] : [told]
}

const placeOf = ({ item_id, output_index }: Thoughts) => ({ item_id, output_index, summary_index: 0 })

export function closeThoughts(answer: Answer): AnswerEvent[] {
  const { thoughts } = answer
  if (thoughts === undefined) return []
  answer.thoughts = undefined
  const { text, details } = thoughts
  const part = { type: 'summary_text', text }
  const at = placeOf(thoughts)
  const summary = text === '' ? [] : [part]
  const told = [
    { type: 'response.reasoning_summary_text.done', ...at, text },
    { type: 'response.reasoning_summary_part.done', ...at, part },
  ]
  // Clients that keep no state leave out reasoning without `encrypted_content`, so it is there even where nothing is marked.
  const item = { type: 'reasoning', summary, encrypted_content: packDetails(wholeDetails(details)) }
  return [...(summary.length > 0 ? told : []), done(answer, thoughts, item)]
}

/** Marks that still wait at the end. */
export function tellHeld(answer: Answer): AnswerEvent[] {
  if (answer.held.length === 0) return []
  const thoughts = (answer.thoughts = openThoughts(answer))
  return [added(thoughts, { type: 'reasoning', summary: [] }), ...closeThoughts(answer)]
}
