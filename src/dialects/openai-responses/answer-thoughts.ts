import type { ChatDelta } from '../../contract/chat.ts'
import { packDetails } from '../packed-details.ts'
import { wholeDetails } from '../reasoning-details.ts'
import { type Answer, added, done, nextPlace, type Thoughts } from './answer-state.ts'

/**
 * Thoughts are told as a summary, and what their provider must get back travels in `encrypted_content`. Marks without words that come
 * in the midst of something else wait for the next thoughts, or for the end.
 */
export function think(answer: Answer, { reasoning_content: said, reasoning_details: details = [] }: ChatDelta): void {
  if (!said && details.length === 0) return
  if (!said && answer.thoughts === undefined && isSpeaking(answer)) {
    answer.held.push(...details)
    return
  }
  const thoughts = (answer.thoughts ??= openThoughts(answer))
  thoughts.details.push(...details)
  if (said) summarise(answer, thoughts, said)
}

function isSpeaking({ message, calls }: Answer): boolean {
  return message !== undefined || calls.size > 0
}

function openThoughts(answer: Answer): Thoughts {
  const details = answer.held
  answer.held = []
  const thoughts = { ...nextPlace(answer, 'rs'), text: '', details }
  added(answer, thoughts, { type: 'reasoning', summary: [] })
  return thoughts
}

function summarise({ tell }: Answer, thoughts: Thoughts, delta: string): void {
  const at = placeOf(thoughts)
  if (thoughts.text === '') tell('response.reasoning_summary_part.added', { ...at, part: { type: 'summary_text', text: '' } })
  thoughts.text += delta
  tell('response.reasoning_summary_text.delta', { ...at, delta })
}

const placeOf = ({ item_id, output_index }: Thoughts) => ({ item_id, output_index, summary_index: 0 })

export function closeThoughts(answer: Answer): void {
  const { thoughts, tell } = answer
  if (thoughts === undefined) return
  answer.thoughts = undefined
  const { text, details } = thoughts
  const part = { type: 'summary_text', text }
  const at = placeOf(thoughts)
  if (text !== '') {
    tell('response.reasoning_summary_text.done', { ...at, text })
    tell('response.reasoning_summary_part.done', { ...at, part })
  }
  // Clients that keep no state leave out reasoning without `encrypted_content`, so it is there even where nothing is marked.
  const summary = text === '' ? [] : [part]
  done(answer, thoughts, { type: 'reasoning', summary, encrypted_content: packDetails(wholeDetails(details)) })
}

/** Marks that still wait at the end. */
export function tellHeld(answer: Answer): void {
  if (answer.held.length === 0) return
  answer.thoughts = openThoughts(answer)
  closeThoughts(answer)
}
