import type { ChatToolCallDelta } from '../../contract/chat.ts'
import { count, fields, text, word } from '../fields.ts'
import { readArguments } from './message.ts'

/** The tool calls of one streamed choice: whose piece a delta is, and what of it was not said before. */
export interface Calls {
  /** `position` is the delta's place in its list, which tells calls apart where the provider gives no index. */
  read(delta: unknown, position: number): ChatToolCallDelta
  readonly count: number
}

/**
 * A call is told by the provider's index, or by a new id with a name where indexes are missing or all alike. Its id and name are said
 * once; a call without an id gets one made from `prefix`.
 */
export function callsOf(prefix: string): Calls {
  const ids: string[] = []
  const places = new Map<number, number>()

  const open = (theirs: number, id: string | undefined): number => {
    const ours = ids.push(id ?? `${prefix}_${ids.length}`) - 1
    places.set(theirs, ours)
    return ours
  }

  return {
    read(delta, position) {
      const call = fields(delta)
      const { name, arguments: args } = fields(call.function)
      const id = word(call.id)
      const theirs = count(call.index) ?? position
      const known = places.get(theirs)
      const isNew = known === undefined || (id !== undefined && id !== ids[known] && word(name) !== undefined)
      if (!isNew) return { index: known, function: { arguments: readArguments(args) } }
      const index = open(theirs, id)
      const extra = call.extra_content === undefined ? {} : { extra_content: { ...fields(call.extra_content) } }
      return { index, id: ids[index], type: 'function', function: { name: text(name) ?? '', arguments: readArguments(args) }, ...extra }
    },
    get count() {
      return ids.length
    },
  }
}
