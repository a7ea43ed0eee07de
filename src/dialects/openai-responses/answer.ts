import type { ChatChunk, ChatDelta } from '../../contract/chat.ts'
import { fields, list, text } from '../fields.ts'
import { call, closeCalls } from './answer-calls.ts'
import { closeMessage, speak } from './answer-message.ts'
import { type Answer, type AnswerEvent, added, done, nextPlace, type Status } from './answer-state.ts'
import { closeThoughts, tellHeld, think } from './answer-thoughts.ts'
import { encodeUsage } from './usage.ts'

/** What a chunk adds to the answer, as events. Only its first choice is told: this API has no others. */
export function take(answer: Answer, chunk: ChatChunk): AnswerEvent[] {
  if (!answer.begun) Object.assign(answer, { id: chunk.id, created: chunk.created, model: chunk.model })
  const begun = begin(answer)
  answer.usage = chunk.usage ?? answer.usage
  answer.serviceTier = chunk.service_tier ?? answer.serviceTier
  const choice = chunk.choices.find(({ index }) => index === 0)
  if (choice === undefined) return begun
  answer.finish = choice.finish_reason ?? answer.finish
  const { delta } = choice
  return [
    ...begun,
    ...(delta.reasoning_content ? closeMessage(answer, 'completed') : []),
    ...think(answer, delta),
    ...(speaks(delta) ? closeThoughts(answer) : []),
    ...speak(answer, choice),
    ...draw(answer, delta),
    ...(calls(delta) ? [...closeThoughts(answer), ...closeMessage(answer, 'completed')] : []),
    ...call(answer, delta),
  ]
}

function begin(answer: Answer): AnswerEvent[] {
  if (answer.begun) return []
  answer.begun = true
  return [
    { type: 'response.created', response: envelope(answer, 'in_progress') },
    { type: 'response.in_progress', response: envelope(answer, 'in_progress') },
  ]
}

function speaks({ content, refusal, annotations }: ChatDelta): boolean {
  return Boolean(content || refusal) || list(annotations).length > 0
}

const calls = ({ tool_calls = [] }: ChatDelta): boolean => tool_calls.length > 0

/** A picture is whole when it is told. */
function draw(answer: Answer, { images }: ChatDelta): AnswerEvent[] {
  return list(images).flatMap((image) => {
    const result = text(fields(fields(image).image_url).url)?.replace(/^data:[^,]*,/, '')
    const place = nextPlace(answer, 'ig')
    const item = { type: 'image_generation_call', status: 'completed', result }
    return [added(place, { ...item, status: 'in_progress', result: null }), done(answer, place, item)]
  })
}

/** What the answer still owes, and the event that ends it. */
export function end(answer: Answer): AnswerEvent[] {
  const status = answer.finish === 'length' || answer.finish === 'content_filter' || answer.finish === null ? 'incomplete' : 'completed'
  const owed = [
    ...begin(answer),
    ...closeThoughts(answer),
    ...closeMessage(answer, status),
    ...closeCalls(answer, status),
    ...tellHeld(answer),
  ]
  return [...owed, { type: `response.${status}`, response: envelope(answer, status) }]
}

/** The object around the items. */
function envelope(answer: Answer, status: Status | 'in_progress'): object {
  const { id, created: created_at, model, output, usage, serviceTier, echo } = answer
  return {
    id: `resp_${id}`,
    object: 'response',
    created_at,
    status,
    error: null,
    incomplete_details: status === 'incomplete' ? whyCut(answer) : null,
    model,
    output: output.filter((item) => item !== undefined),
    usage: status === 'in_progress' ? null : encodeUsage(usage),
    ...echo,
    ...(serviceTier === undefined ? {} : { service_tier: serviceTier }),
  }
}

/** Null where an answer broke off and nobody said why. */
function whyCut({ finish }: Answer): object | null {
  if (finish === null) return null
  return { reason: finish === 'content_filter' ? finish : 'max_output_tokens' }
}
