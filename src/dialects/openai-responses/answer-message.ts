import type { ChatChunkChoice } from '../../contract/chat.ts'
import { type Fields, fields, list } from '../fields.ts'
import { encodeAnnotation } from './annotations.ts'
import { type Answer, type AnswerEvent, added, done, type Message, nextPlace, type Part, type Status } from './answer-state.ts'

/** Words, refusals and citations of one choice of a chunk. */
export function speak(answer: Answer, { delta, logprobs }: ChatChunkChoice): AnswerEvent[] {
  const { content, refusal, annotations } = delta
  return [
    ...(content ? say(answer, content, list(fields(logprobs).content)) : []),
    ...(refusal ? refuse(answer, refusal) : []),
    ...list(annotations).flatMap((annotation) => cite(answer, annotation)),
  ]
}

function say(answer: Answer, delta: string, logprobs: readonly unknown[]): AnswerEvent[] {
  const { opened, part, at } = partOf(answer, 'output_text')
  part.said += delta
  part.logprobs.push(...logprobs)
  return [...opened, { type: 'response.output_text.delta', ...at, delta, logprobs }]
}

function refuse(answer: Answer, delta: string): AnswerEvent[] {
  const { opened, part, at } = partOf(answer, 'refusal')
  part.said += delta
  return [...opened, { type: 'response.refusal.delta', ...at, delta }]
}

function cite(answer: Answer, cited: unknown): AnswerEvent[] {
  const { opened, part, at } = partOf(answer, 'output_text')
  const annotation = encodeAnnotation(cited)
  const annotation_index = part.annotations.push(annotation) - 1
  return [...opened, { type: 'response.output_text.annotation.added', ...at, annotation_index, annotation }]
}

/** The part of the message that such words belong to, and what tells that it begins. */
function partOf(answer: Answer, type: Part['type']): { opened: AnswerEvent[]; part: Part; at: Fields } {
  const isNew = answer.message === undefined
  const message = (answer.message ??= { ...nextPlace(answer, 'msg'), parts: [] })
  const opened = isNew ? [added(message, encodeMessage(message, 'in_progress'))] : []
  const last = message.parts.at(-1)
  if (last?.type === type) return { opened, part: last, at: placeOf(message) }
  const closed = closePart(message)
  const part: Part = { type, said: '', annotations: [], logprobs: [] }
  message.parts.push(part)
  const at = placeOf(message)
  return { opened: [...opened, ...closed, { type: 'response.content_part.added', ...at, part: encodePart(part) }], part, at }
}

function placeOf({ item_id, output_index, parts }: Message): Fields {
  return { item_id, output_index, content_index: parts.length - 1 }
}

function encodePart({ type, said, annotations, logprobs }: Part): Fields {
  return type === 'refusal' ? { type, refusal: said } : { type, text: said, annotations: [...annotations], logprobs: [...logprobs] }
}

function encodeMessage({ parts }: Message, status: Status | 'in_progress'): Fields {
  return { type: 'message', status, role: 'assistant', content: parts.map(encodePart) }
}

export function closeMessage(answer: Answer, status: Status): AnswerEvent[] {
  const { message } = answer
  if (message === undefined) return []
  answer.message = undefined
  return [...closePart(message), done(answer, message, encodeMessage(message, status))]
}

function closePart(message: Message): AnswerEvent[] {
  const part = message.parts.at(-1)
  if (part === undefined) return []
  const at = placeOf(message)
  const { said, logprobs } = part
  const whole =
    part.type === 'refusal'
      ? { type: 'response.refusal.done', ...at, refusal: said }
      : { type: 'response.output_text.done', ...at, text: said, logprobs: [...logprobs] }
  return [whole, { type: 'response.content_part.done', ...at, part: encodePart(part) }]
}
