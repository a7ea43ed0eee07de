import type { ChatChunkChoice } from '../../contract/chat.ts'
import { type Fields, fields, list } from '../fields.ts'
import { GrowingText } from '../growing-text.ts'
import { encodeAnnotation } from './annotations.ts'
import { type Answer, added, done, type Message, nextPlace, type Part, type Status } from './answer-state.ts'

/** Words, refusals and citations of one choice of a chunk. */
export function speak(answer: Answer, { delta, logprobs }: ChatChunkChoice): void {
  if (delta.content) say(answer, delta.content, list(fields(logprobs).content))
  if (delta.refusal) refuse(answer, delta.refusal)
  for (const annotation of list(delta.annotations)) cite(answer, annotation)
}

function say(answer: Answer, delta: string, logprobs: readonly unknown[]): void {
  const { part, at } = partOf(answer, 'output_text')
  part.said.add(delta)
  part.logprobs.push(...logprobs)
  answer.tell('response.output_text.delta', { ...at, delta, logprobs })
}

function refuse(answer: Answer, delta: string): void {
  const { part, at } = partOf(answer, 'refusal')
  part.said.add(delta)
  answer.tell('response.refusal.delta', { ...at, delta })
}

function cite(answer: Answer, cited: unknown): void {
  const { part, at } = partOf(answer, 'output_text')
  const annotation = encodeAnnotation(cited)
  const annotation_index = part.annotations.push(annotation) - 1
  answer.tell('response.output_text.annotation.added', { ...at, annotation_index, annotation })
}

/** The part of the message that such words belong to, which begins where another kind of words was told before. */
function partOf(answer: Answer, type: Part['type']): { part: Part; at: Fields } {
  const message = (answer.message ??= openMessage(answer))
  const last = message.parts.at(-1)
  if (last?.type === type) return { part: last, at: placeOf(message) }
  closePart(answer, message)
  const part: Part = { type, said: new GrowingText(), annotations: [], logprobs: [] }
  message.parts.push(part)
  const at = placeOf(message)
  answer.tell('response.content_part.added', { ...at, part: encodePart(part) })
  return { part, at }
}

function openMessage(answer: Answer): Message {
  const message = { ...nextPlace(answer, 'msg'), parts: [] }
  added(answer, message, encodeMessage(message, 'in_progress'))
  return message
}

function placeOf({ item_id, output_index, parts }: Message): Fields {
  return { item_id, output_index, content_index: parts.length - 1 }
}

function encodePart({ type, said, annotations, logprobs }: Part): Fields {
  return type === 'refusal' ? { type, refusal: said.toString() } : { type, text: said.toString(), annotations, logprobs }
}

function encodeMessage({ parts }: Message, status: Status | 'in_progress'): Fields {
  return { type: 'message', status, role: 'assistant', content: parts.map(encodePart) }
}

export function closeMessage(answer: Answer, status: Status): void {
  const { message } = answer
  if (message === undefined) return
  answer.message = undefined
  closePart(answer, message)
  done(answer, message, encodeMessage(message, status))
}

function closePart({ tell }: Answer, message: Message): void {
  const part = message.parts.at(-1)
  if (part === undefined) return
  const at = placeOf(message)
  const { said, logprobs } = part
  if (part.type === 'refusal') tell('response.refusal.done', { ...at, refusal: said.toString() })
  else tell('response.output_text.done', { ...at, text: said.toString(), logprobs })
  tell('response.content_part.done', { ...at, part: encodePart(part) })
}
