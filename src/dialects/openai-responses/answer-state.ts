import type { ChatRequest, ChatUsage, FinishReason } from '../../contract/chat.ts'
import type { Fields } from '../fields.ts'
import type { GrowingText } from '../growing-text.ts'
import { GrowingDetails } from '../reasoning-details.ts'
import { echoOf } from './echo.ts'
import { freeformNames } from './freeform.ts'

/** An answer as it grows, item by item. */
export interface Answer {
  /** Says one event. A whole answer is what its stream would have ended in, so there nobody listens. */
  readonly tell: (type: string, event: Fields) => void
  id: string
  created: number
  model: string
  begun: boolean
  /** What it repeats of its request. */
  readonly echo: object
  /** Names of the client's tools of free text. */
  readonly freeform: ReadonlySet<string>
  /** Finished items, and undefined for those that are still being told. */
  readonly output: (Fields | undefined)[]
  thoughts: Thoughts | undefined
  message: Message | undefined
  /** By their index in the chat; open until the end, because pieces of parallel calls may alternate. */
  readonly calls: Map<number, Call>
  /** Marks that came while something else was being told. */
  held: GrowingDetails
  finish: FinishReason | null
  usage: ChatUsage | undefined
  serviceTier: unknown
}

/** Where an item that is being told stands. */
interface Standing {
  readonly output_index: number
  readonly item_id: string
}

export interface Thoughts extends Standing {
  readonly text: GrowingText
  readonly details: GrowingDetails
}

export interface Message extends Standing {
  readonly parts: Part[]
}

export interface Part {
  readonly type: 'output_text' | 'refusal'
  readonly said: GrowingText
  readonly annotations: Fields[]
  readonly logprobs: unknown[]
}

export interface Call extends Standing {
  readonly call_id: string
  readonly name: string
  readonly isFreeform: boolean
  readonly written: GrowingText
}

/** Whether an item was told to its end. */
export type Status = 'completed' | 'incomplete'

type Beginning = Pick<Answer, 'id' | 'created' | 'model' | 'tell'>

export function emptyAnswer({ id, created, model, tell }: Beginning, request: ChatRequest | undefined): Answer {
  return {
    ...{ tell, id, created, model, begun: false, echo: echoOf(request), freeform: freeformNames(request), output: [] },
    ...{
      thoughts: undefined,
      message: undefined,
      calls: new Map(),
      held: new GrowingDetails(),
      finish: null,
      usage: undefined,
      serviceTier: undefined,
    },
  }
}

/** A place among the items, and an id of its own: the hub has none. */
export function nextPlace(answer: Answer, kind: string): Standing {
  const output_index = answer.output.push(undefined) - 1
  return { output_index, item_id: `${kind}_${answer.id}_${output_index}` }
}

export function added({ tell }: Answer, { output_index, item_id: id }: Standing, item: Fields): void {
  tell('response.output_item.added', { output_index, item: { id, ...item } })
}

export function done({ tell, output }: Answer, { output_index, item_id: id }: Standing, item: Fields): void {
  const whole = { id, ...item }
  output[output_index] = whole
  tell('response.output_item.done', { output_index, item: whole })
}
