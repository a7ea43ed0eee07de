import type { ChatDelta, ChatToolCallDelta } from '../../contract/chat.ts'
import type { Fields } from '../fields.ts'
import { type Answer, type AnswerEvent, added, type Call, done, nextPlace, type Status } from './answer-state.ts'
import { unwrapInput } from './freeform.ts'

export function call(answer: Answer, { tool_calls = [] }: ChatDelta): AnswerEvent[] {
  return tool_calls.flatMap((piece) => {
    const known = answer.calls.get(piece.index)
    const one = known ?? openCall(answer, piece)
    const opened = known === undefined ? [added(one, encodeCall(one, 'in_progress'))] : []
    return [...opened, ...write(one, piece.function?.arguments ?? '')]
  })
}

function openCall(answer: Answer, { index, id = '', function: called }: ChatToolCallDelta): Call {
  const name = called?.name ?? ''
  const isFreeform = answer.freeform.has(name)
  const fresh = { ...nextPlace(answer, isFreeform ? 'ctc' : 'fc'), call_id: id, name, isFreeform, written: '' }
  answer.calls.set(index, fresh)
  return fresh
}

/** Free text comes as the JSON of one parameter, so it is known, and told, only when that is whole. */
function write(one: Call, delta: string): AnswerEvent[] {
  one.written += delta
  if (one.isFreeform || delta === '') return []
  return [{ type: 'response.function_call_arguments.delta', item_id: one.item_id, output_index: one.output_index, delta }]
}

function encodeCall({ isFreeform, call_id, name, written }: Call, status: Status | 'in_progress'): Fields {
  if (!isFreeform) return { type: 'function_call', status, call_id, name, arguments: written }
  return { type: 'custom_tool_call', status, call_id, name, input: status === 'in_progress' ? '' : unwrapInput(written) }
}

export function closeCalls(answer: Answer, status: Status): AnswerEvent[] {
  return [...answer.calls.values()].flatMap((one) => [...tellWhole(one), done(answer, one, encodeCall(one, status))])
}

function tellWhole({ item_id, output_index, isFreeform, name, written }: Call): AnswerEvent[] {
  const at = { item_id, output_index }
  if (!isFreeform) return [{ type: 'response.function_call_arguments.done', ...at, name, arguments: written }]
  const input = unwrapInput(written)
  return [
    { type: 'response.custom_tool_call_input.delta', ...at, delta: input },
    { type: 'response.custom_tool_call_input.done', ...at, input },
  ]
}
