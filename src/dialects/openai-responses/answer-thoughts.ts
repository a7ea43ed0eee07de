import type { ChatDelta } from '../../contract/chat.ts'
import { GrowingText } from '../growing-text.ts'
import { packDetails } from '../packed-details.ts'
import { GrowingDetails } from '../reasoning-details.ts'
import { type Answer, added, done, nextPlace, type Thoughts } from './answer-state.ts'

/**
 * Thoughts are told as a summary, and what their provider must get back travels in `encrypted_content`. Marks without words that come
 * in the midst of something else wait for the next thoughts, or for the end.
 */
export function think(answer: Answer, { reasoning_content: said, reasoning_details: details = [] }: ChatDelta): void {
  if (!said && details.length === 0) return
  if (!said && answer.thoughts === undefined && isSpeaking(answer)) {
    answer.held.add(details)
    return
  }
  const thoughts = (answer.thoughts ??= openThoughts(answer))
  thoughts.details.add(details)
  if (said) summarise(answer, thoughts, said)
}

function isSpeaking({ message, calls }: Answer): boolean {
  return message !== undefined || calls.size > 0
}

function openThoughts(answer: Answer): Thoughts {
  const details = answer.held
  answer.held = new GrowingDetails()
  const thoughts = { ...nextPlace(answer, 'rs'), text: new GrowingText(), details }
  added(answer, thoughts, { type: 'reasoning', summary: [] })
  return thoughts
}

function summarise({ tell }: Answer, thoughts: Thoughts, delta: string): void {
  const at = placeOf(thoughts)
  if (thoughts.text.isEmpty) tell('response.reasoning_summary_part.added', { ...at, part: { type: 'summary_text', text: '' } })
  thoughts.text.add(delta)
  tell('response.reasoning_summary_text.delta', { ...at, delta })
}

const placeOf = ({ item_id, output_index }: Thoughts) => ({ item_id, output_index, summary_index: 0 })

export function closeThoughts(answer: Answer): void {
  const { thoughts, tell } = answer
  if (thoughts === undefined) return
  answer.thoughts = undefined
  const { details } = thoughts
  const text = thoughts.text.toString()
  const part = { type: 'summary_text', text }
  const at = placeOf(thoughts)
  if (text !== '') {
    tell('response.reasoning_summary_text.done', { ...at, text })
    tell('response.reasoning_summary_part.done', { ...at, part })
  }
  // Clients that keep no state leave out reasoning without `encrypted_content`, so it is there even where nothing is marked.
  const summary = text === '' ? [] : [part]
  done(answer, thoughts, { type: 'reasoning', summary, encrypted_content: packDetails(details.take()) })
}

/** Marks that still wait at the end. */
export function tellHeld(answer: Answer): void {
  if (answer.held.isEmpty) return
  answer.thoughts = openThoughts(answer)
  closeThoughts(answer)
}
