import type { ChatDelta, ChatToolCallDelta } from '../../contract/chat.ts'
import type { Fields } from '../fields.ts'
import { GrowingText } from '../growing-text.ts'
import { type Answer, added, type Call, done, nextPlace, type Status } from './answer-state.ts'
import { unwrapInput } from './freeform.ts'

export function call(answer: Answer, { tool_calls = [] }: ChatDelta): void {
  for (const piece of tool_calls) write(answer, answer.calls.get(piece.index) ?? openCall(answer, piece), piece.function?.arguments ?? '')
}

function openCall(answer: Answer, { index, id = '', function: called }: ChatToolCallDelta): Call {
  const name = called?.name ?? ''
  const isFreeform = answer.freeform.has(name)
  const fresh = { ...nextPlace(answer, isFreeform ? 'ctc' : 'fc'), call_id: id, name, isFreeform, written: new GrowingText() }
  answer.calls.set(index, fresh)
  added(answer, fresh, encodeCall(fresh, 'in_progress'))
  return fresh
}

/** Free text comes as the JSON of one parameter, so it is known, and told, only when that is whole. */
function write({ tell }: Answer, one: Call, delta: string): void {
  one.written.add(delta)
  if (one.isFreeform || delta === '') return
  tell('response.function_call_arguments.delta', { item_id: one.item_id, output_index: one.output_index, delta })
}

function encodeCall({ isFreeform, call_id, name, written }: Call, status: Status | 'in_progress'): Fields {
  if (!isFreeform) return { type: 'function_call', status, call_id, name, arguments: written.toString() }
  return { type: 'custom_tool_call', status, call_id, name, input: status === 'in_progress' ? '' : unwrapInput(written.toString()) }
}

export function closeCalls(answer: Answer, status: Status): void {
  for (const one of answer.calls.values()) {
    tellWhole(answer, one)
    done(answer, one, encodeCall(one, status))
  }
}

function tellWhole({ tell }: Answer, { item_id, output_index, isFreeform, name, written }: Call): void {
  const at = { item_id, output_index }
  if (!isFreeform) {
    tell('response.function_call_arguments.done', { ...at, name, arguments: written.toString() })
    return
  }
  const input = unwrapInput(written.toString())
  tell('response.custom_tool_call_input.delta', { ...at, delta: input })
  tell('response.custom_tool_call_input.done', { ...at, input })
}
