import type { ChatChunk, ChatDelta } from '../../contract/chat.ts'
import { fields, list, text } from '../fields.ts'
import { call, closeCalls } from './answer-calls.ts'
import { closeMessage, speak } from './answer-message.ts'
import { type Answer, added, done, nextPlace, type Status } from './answer-state.ts'
import { closeThoughts, tellHeld, think } from './answer-thoughts.ts'
import { encodeUsage } from './usage.ts'

/** Tells what a chunk adds to the answer. Only its first choice is told: this API has no others. */
export function take(answer: Answer, chunk: ChatChunk): void {
  if (!answer.begun) Object.assign(answer, { id: chunk.id, created: chunk.created, model: chunk.model })
  begin(answer)
  answer.usage = chunk.usage ?? answer.usage
  answer.serviceTier = chunk.service_tier ?? answer.serviceTier
  const choice = chunk.choices.find(({ index }) => index === 0)
  if (choice === undefined) return
  answer.finish = choice.finish_reason ?? answer.finish
  const { delta } = choice
  if (delta.reasoning_content) closeMessage(answer, 'completed')
  think(answer, delta)
  if (speaks(delta)) closeThoughts(answer)
  speak(answer, choice)
  draw(answer, delta)
  if (!calls(delta)) return
  closeThoughts(answer)
  closeMessage(answer, 'completed')
  call(answer, delta)
}

function begin(answer: Answer): void {
  if (answer.begun) return
  answer.begun = true
  const response = envelope(answer, 'in_progress')
  answer.tell('response.created', { response })
  answer.tell('response.in_progress', { response })
}

function speaks({ content, refusal, annotations }: ChatDelta): boolean {
  return Boolean(content || refusal) || list(annotations).length > 0
}

const calls = ({ tool_calls = [] }: ChatDelta): boolean => tool_calls.length > 0

/** A picture is whole when it is told. */
function draw(answer: Answer, { images }: ChatDelta): void {
  for (const image of list(images)) {
    const result = text(fields(fields(image).image_url).url)?.replace(/^data:[^,]*,/, '')
    const place = nextPlace(answer, 'ig')
    const item = { type: 'image_generation_call', status: 'completed', result }
    added(answer, place, { ...item, status: 'in_progress', result: null })
    done(answer, place, item)
  }
}

/** Tells what the answer still owes, and the event that ends it; gives the answer as that event holds it. */
export function end(answer: Answer): object {
  const status = answer.finish === 'length' || answer.finish === 'content_filter' || answer.finish === null ? 'incomplete' : 'completed'
  begin(answer)
  closeThoughts(answer)
  closeMessage(answer, status)
  closeCalls(answer, status)
  tellHeld(answer)
  const response = envelope(answer, status)
  answer.tell(`response.${status}`, { response })
  return response
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
